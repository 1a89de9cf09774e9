#include "metrics/english/stemmer.h"

#include <gtest/gtest.h>

#include "tests/metrics/gzip_lines.h"
#include "tests/shared.h"

namespace metrics::english {
namespace {

TEST(Stemmer, IsSnowballsEnglish) {
  Stemmer stem;
  EXPECT_EQ(stem("jumping"), "jump");
  EXPECT_EQ(stem("generously"), "generous");  // Porter's first algorithm: "gener"
  EXPECT_EQ(stem("dying"), "die");
  EXPECT_EQ(stem("news"), "news");
  EXPECT_EQ(stem("t-shirts"), "t-shirt");
  EXPECT_EQ(stem("dog's"), "dog");
  EXPECT_EQ(stem("a"), "a");
  EXPECT_EQ(stem(""), "");
}

TEST(Stemmer, LeavesOtherAlphabetsAlone) {
  Stemmer stem;
  EXPECT_EQ(stem("\u65e5\u672c"), "\u65e5\u672c");
  EXPECT_EQ(stem("caf\u00e9s"), "caf\u00e9");
  EXPECT_EQ(stem("\xff\xfe"), "\xff\xfe");
}

TEST(Stemmer, AnswersAfterALongWord) {
  Stemmer stem;
  EXPECT_EQ(stem(std::string(100'000, 'x') + "ing").size(), 100'003u);  // no vowel before -ing
  EXPECT_EQ(stem("running"), "run");
}

TEST(Stemmer, EqualsTheReferenceStems) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  Stemmer stem;
  std::size_t words = 0;
  for (const std::string& line :
       gzip_lines(shared::path("reference/metrics/stems_english.tsv.gz"))) {
    const std::size_t tab = line.find('\t');
    ASSERT_EQ(stem(line.substr(0, tab)), line.substr(tab + 1)) << line;
    ++words;
  }
  EXPECT_EQ(words, 87'039u);
}

}  // namespace
}  // namespace metrics::english
