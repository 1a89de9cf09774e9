#include "base/error.h"

#include <gtest/gtest.h>

namespace {

TEST(Error, SaysAllOfItsMessage) {
  const std::string message("one\0two\0", 8);
  EXPECT_STREQ(base::Error(message).what(), "one\\0two\\0");
  EXPECT_STREQ(base::FormatError(message).what(), "one\\0two\\0");
  EXPECT_STREQ(base::UsageError("plain").what(), "plain");
  EXPECT_STREQ(base::FileError("").what(), "");
}

TEST(Error, JoinsWhatAStreamPrints) {
  EXPECT_EQ(base::str("row ", 3, " of ", 7.5, ','), "row 3 of 7.5,");
}

}  // namespace
