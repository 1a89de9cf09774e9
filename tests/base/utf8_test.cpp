#include "base/utf8.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Utf8, EveryCodePointComesBack) {
  std::u32string all;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c < 0xD800 || c > 0xDFFF) all += c;
  }
  const std::string text = encode_utf8(all);
  EXPECT_TRUE(is_utf8(text));
  EXPECT_TRUE(decode_utf8(text) == all);
  EXPECT_EQ(encode_utf8(U"a\u00e9\u20ac\U0001F600"), "a\u00e9\u20ac\U0001F600");
}

TEST(Utf8, EveryByteThatIsNoneBecomesAReplacementCharacter) {
  EXPECT_TRUE(decode_utf8("a\xff\xc3z") == U"a\uFFFD\uFFFDz");
  EXPECT_TRUE(decode_utf8("\xe6\x97[") == U"\uFFFD\uFFFD[");
  EXPECT_TRUE(decode_utf8("\xc0\xaf") == U"\uFFFD\uFFFD");            // overlong
  EXPECT_TRUE(decode_utf8("\xed\xa0\x80") == U"\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(decode_utf8("\xf4\x90\x80\x80").size(), 4u);              // beyond U+10FFFF
}

TEST(Utf8, TakesCodePointsOneByOne) {
  std::string_view text = "\u00e9\xffz";
  EXPECT_EQ(take_code_point(text), U'\u00e9');
  EXPECT_EQ(take_code_point(text), kReplacement);
  EXPECT_EQ(text, "z");
}

TEST(Utf8, KnowsWhereItEnds) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\uFFFD日"));
  EXPECT_FALSE(is_utf8("\xef\xbf"));
  EXPECT_EQ(find_not_utf8("a日\xffz"), 4u);
  EXPECT_EQ(find_not_utf8("a日"), std::string_view::npos);
}

}  // namespace
}  // namespace base
