#include "metrics/diversity.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using metrics::diversity;
using Captions = std::vector<std::string>;

TEST(Diversity, CountsWordsAndCaptions) {
  const auto result = diversity(Captions{"a red bus", "a dog", "a red bus", ""});
  EXPECT_EQ(result.captions, 4);
  EXPECT_EQ(result.words, 8);
  EXPECT_EQ(result.vocabulary, 4);
  EXPECT_DOUBLE_EQ(result.mean_length, 2);
  EXPECT_EQ(result.shortest, 0);
  EXPECT_EQ(result.longest, 3);
  EXPECT_EQ(result.distinct_captions, 3);
}

TEST(Diversity, DividesDifferentNgramsByAll) {
  const auto result = diversity(Captions{"a red bus", "a dog", "a red bus", ""});
  EXPECT_DOUBLE_EQ(result.distinct[0], 4.0 / 8);
  EXPECT_DOUBLE_EQ(result.distinct[1], 3.0 / 5);  // "a red", "red bus", "a dog"
  EXPECT_DOUBLE_EQ(result.distinct[2], 1.0 / 2);
  EXPECT_EQ(result.distinct[3], 0);  // there are none
}

TEST(Diversity, SeesLoops) {
  // Eight words have five 4-grams: "a b a b", "b a b a" and these again, and the first once more.
  EXPECT_DOUBLE_EQ(diversity(Captions{"a b a b a b a b"}).self_repetition, 3.0 / 5);
  // Three words: the words themselves, of which one has been said.
  EXPECT_DOUBLE_EQ(diversity(Captions{"very very good"}).self_repetition, 1.0 / 3);
  EXPECT_DOUBLE_EQ(diversity(Captions{"very very good", "a bus", ""}).self_repetition, 1.0 / 9);
  // Said by another caption is no repetition.
  EXPECT_EQ(diversity(Captions{"a man on a horse", "a man on a horse"}).self_repetition, 0);
}

TEST(Diversity, OfNoCaptionsIsZero) {
  const auto result = diversity({});
  EXPECT_EQ(result.captions, 0);
  EXPECT_EQ(result.shortest, 0);
  EXPECT_EQ(result.mean_length, 0);
  EXPECT_EQ(result.distinct[0], 0);
  EXPECT_EQ(diversity(Captions{"", ""}).distinct[0], 0);
}

}  // namespace
