#include "metrics/english/unicode.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace metrics::english {
namespace {

TEST(MetricsUnicode, LowersCase) {
  EXPECT_TRUE(lower_case(U"A\u00c9\u0416\u03a3 \u0130z\u212a") == U"a\u00e9\u0436\u03c3 i\u0307zk");
}

TEST(MetricsUnicode, LowersAsUnicode14Does) {
  // Computed with Python 3.11: every code point that str.lower() maps to another one.
  std::uint64_t hash = 0;
  int mapped = 0;
  for (char32_t c = 0; c < 0x110000; ++c) {
    const std::u32string lower = lower_case({&c, 1});
    if (lower.size() != 1 || lower[0] == c) continue;
    ++mapped;
    hash = hash * 31 + c * 7 + lower[0];
  }
  EXPECT_EQ(mapped, 1432);
  EXPECT_EQ(hash, 0xa006bd7440988bddu);
}

}  // namespace
}  // namespace metrics::english
