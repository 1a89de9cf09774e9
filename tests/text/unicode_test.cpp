#include "text/unicode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/normalize.h"
#include "text/token_finder.h"

namespace {

using testing::ElementsAre;

TEST(Normalize, DoesWhatIsAskedFor) {
  constexpr std::string_view kText = "\u00c9 日x\t\u0130";
  EXPECT_EQ(text::normalize(kText, {}), "e  日 x i");
  EXPECT_EQ(text::normalize(kText, {.lower_case = false}), "E  日 x I");
  EXPECT_EQ(text::normalize(kText, {.strip_accents = false}), "\u00e9  日 x i\u0307");
  EXPECT_EQ(text::normalize(kText, {.separate_ideographs = false}), "e 日x i");
  EXPECT_EQ(text::normalize(kText, {false, false, false}), "\u00c9 日x \u0130");
}

/// Of the marks between two letters the accents go and the others are put in their canonical order.
TEST(Normalize, OrdersMarksThatStay) {
  // U+302E has class 224, U+1D165 216; U+0301 (230) goes, and so does U+0900 (0), which parts them.
  EXPECT_EQ(text::normalize("a\u302e\u0301\U0001D165b", {}), "a\U0001D165\u302eb");
  EXPECT_EQ(text::normalize("a\u302e\u0900\U0001D165", {}), "a\u302e\U0001D165");
}

TEST(TokenFinder, TakesTheLeftmostAndThereTheLongest) {
  text::TokenFinder finder;
  finder.add("ab", 1);
  finder.add("abc", 2);
  finder.add("bcd", 3);
  finder.add("[SEP]", 4);
  const auto split = [&](std::string_view text) {
    std::vector<std::string> parts;
    finder.split(
        text, [&](std::string_view between) { parts.emplace_back(between); },
        [&](int64_t id) { parts.push_back(std::to_string(id)); });
    return parts;
  };
  EXPECT_THAT(split(""), ElementsAre());
  EXPECT_THAT(split("xy"), ElementsAre("xy"));
  EXPECT_THAT(split("abcd"), ElementsAre("2", "d"));
  EXPECT_THAT(split("xabdbcd"), ElementsAre("x", "1", "d", "3"));
  EXPECT_THAT(split("[[SEP]][SEP"), ElementsAre("[", "4", "][SEP"));
}

}  // namespace
