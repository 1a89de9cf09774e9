#include "metrics/bleu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "metrics/significance.h"

namespace {

using metrics::Sample;
using testing::ElementsAre;

TEST(Bleu, CountsARepeatedWordAsOftenAsAReferenceHasIt) {
  // The example of the paper: seven times "the", of which the first reference has two.
  const auto statistics = metrics::bleu_statistics(
      {"the the the the the the the", {"the cat is on the mat", "there is a cat on the mat"}});
  EXPECT_THAT(statistics.correct, ElementsAre(2, 0, 0, 0));
  EXPECT_THAT(statistics.total, ElementsAre(7, 6, 5, 4));
}

TEST(Bleu, ComparesWithTheClosestLengthAndOfTwoTheShorter) {
  EXPECT_EQ(metrics::bleu_statistics({"a b c", {"a b c d e", "a b"}}).reference_length, 2);
  EXPECT_EQ(metrics::bleu_statistics({"a b c", {"a b c d", "a b"}}).reference_length, 2);
  EXPECT_EQ(metrics::bleu_statistics({"a b c", {"a", "a b c d"}}).reference_length, 4);
  EXPECT_EQ(metrics::bleu_statistics({"", {"a b", ""}}).reference_length, 0);
}

TEST(Bleu, OfACaptionThatIsItsReference) {
  const auto scores = metrics::bleu_score(metrics::bleu_statistics({"a b c d e", {"a b c d e"}}));
  for (const double score : scores) EXPECT_NEAR(score, 1, 1e-8);
}

TEST(Bleu, PenalisesBrevity) {
  const auto scores = metrics::bleu_score(metrics::bleu_statistics({"a b", {"a b c d"}}));
  EXPECT_NEAR(scores[0], std::exp(1 - 4.0 / 2), 1e-8);
}

TEST(Bleu, OfACorpusIsOfTheSummedCounts) {
  const std::vector<Sample> samples = {{"a b c", {"a b d"}}, {"x y", {"x y z", "y"}}, {"", {"q"}}};
  const auto scores = metrics::bleu(samples);
  metrics::BleuStatistics sum;
  sum.correct = {4, 2, 0, 0};
  sum.total = {5, 3, 1, 0};
  sum.hypothesis_length = 5;
  sum.reference_length = 3 + 1 + 1;
  std::vector<std::uint32_t> all(samples.size());
  std::iota(all.begin(), all.end(), 0u);
  for (std::size_t n = 0; n < 4; ++n) {
    EXPECT_EQ(scores[n].corpus, metrics::bleu_score(sum)[n]);
    EXPECT_EQ(metrics::score_of(scores[n], all), scores[n].corpus);
    EXPECT_EQ(scores[n].images.size(), samples.size());
  }
}

TEST(Bleu, IsTheSameForAnyNumberOfThreads) {
  std::vector<Sample> samples;
  for (int i = 0; i < 500; ++i) {
    const std::string word = std::to_string(i % 7);
    samples.push_back({"a b " + word + " a c", {"a b " + word, "c " + word + " a c b"}});
  }
  const int before = base::num_threads();
  base::set_num_threads(1);
  const auto alone = metrics::bleu(samples);
  base::set_num_threads(3);
  const auto together = metrics::bleu(samples);
  base::set_num_threads(before);
  for (std::size_t n = 0; n < 4; ++n) {
    EXPECT_EQ(alone[n].images, together[n].images);
    EXPECT_EQ(alone[n].corpus, together[n].corpus);
  }
}

TEST(Bleu, OfNothingIsNothing) {
  for (const metrics::Scores& scores : metrics::bleu({})) {
    EXPECT_EQ(scores.corpus, 0);
    EXPECT_TRUE(scores.images.empty());
  }
}

TEST(Bleu, RefusesASampleWithoutReferences) {
  EXPECT_THROW(
      {
        try {
          metrics::bleu_statistics({"a red bus", {}});
        } catch (const base::UsageError& error) {
          EXPECT_STREQ(error.what(),
                       "bleu: the caption \"a red bus\" has no references, expected at least one");
          throw;
        }
      },
      base::UsageError);
}

}  // namespace
