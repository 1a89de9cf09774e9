#include "metrics/english/unicode.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace metrics::english {
namespace {

TEST(MetricsUnicode, GoesToCodePointsAndBack) {
  std::u32string all;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c < 0xD800 || c > 0xDFFF) all += c;
  }
  EXPECT_TRUE(decode_utf8(encode_utf8(all)) == all);
  EXPECT_EQ(encode_utf8(U"a\u00e9\u20ac\U0001F600"), "a\u00e9\u20ac\U0001F600");
}

TEST(MetricsUnicode, ReplacesBytesThatAreNoUtf8) {
  EXPECT_TRUE(decode_utf8("a\xff\xc3z") == U"a\uFFFD\uFFFDz");
  EXPECT_TRUE(decode_utf8("\xed\xa0\x80") == U"\uFFFD\uFFFD\uFFFD");  // a surrogate
}

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
