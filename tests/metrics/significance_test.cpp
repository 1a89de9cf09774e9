#include "metrics/significance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include "metrics/bleu.h"

namespace {

using metrics::Scores;

Scores of_images(std::vector<double> images) {
  Scores scores;
  scores.corpus = metrics::mean(images);
  scores.images = std::move(images);
  return scores;
}

Scores normal_scores(std::size_t count, double shift, std::uint64_t seed) {
  base::Random random(seed, 1000);
  std::vector<double> images(count);
  for (double& image : images) image = random.normal() + shift;
  return of_images(std::move(images));
}

/// A score that is no mean: one sum over another.
Scores ratio_scores(std::size_t count, std::uint64_t seed) {
  base::Random random(seed, 2000);
  Scores scores;
  scores.combine = [](std::span<const double> row) { return row[0] / row[1]; };
  std::vector<double> sum(2);
  for (std::size_t i = 0; i < count; ++i) {
    const double whole = 1 + random.below(20);
    const double part = random.below(static_cast<std::uint32_t>(whole) + 1);
    scores.statistics.push_back({part, whole});
    scores.images.push_back(part / whole);
    sum[0] += part;
    sum[1] += whole;
  }
  scores.corpus = scores.combine(sum);
  return scores;
}

/// The samples that a round draws, in words of the header: with replacement, from its stream.
std::vector<std::uint32_t> drawn(std::size_t count, std::uint64_t seed, std::uint64_t round) {
  base::Random random(seed, 2 * round);
  std::vector<std::uint32_t> chosen(count);
  for (std::uint32_t& sample : chosen) sample = random.below(static_cast<std::uint32_t>(count));
  return chosen;
}

/// As numpy.percentile.
double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double position = share * static_cast<double>(values.size() - 1);
  const auto i = static_cast<std::size_t>(std::floor(position));
  if (i + 1 == values.size()) return values[i];
  return values[i] + (position - static_cast<double>(i)) * (values[i + 1] - values[i]);
}

TEST(ScoreOf, CountsASampleAsOftenAsItIsChosen) {
  const Scores means = of_images({1, 2, 6});
  EXPECT_DOUBLE_EQ(metrics::score_of(means, std::vector<std::uint32_t>{2, 2, 0}), 13.0 / 3);
  EXPECT_EQ(metrics::score_of(means, {}), 0);

  Scores ratio;
  ratio.images = {0.5, 0.2};
  ratio.statistics = {{1, 2}, {2, 10}};
  ratio.combine = [](std::span<const double> row) { return row[0] / row[1]; };
  EXPECT_DOUBLE_EQ(metrics::score_of(ratio, std::vector<std::uint32_t>{0, 1, 1}), 5.0 / 22);
}

TEST(Bootstrap, IsThePercentilesOfRedrawnSets) {
  for (const Scores& scores : {normal_scores(37, 1, 1), ratio_scores(37, 1)}) {
    std::vector<double> redrawn;
    for (std::uint64_t round = 0; round < 200; ++round) {
      redrawn.push_back(metrics::score_of(scores, drawn(37, 5, round)));
    }
    const auto interval = metrics::bootstrap_interval(scores, 200, 5, 0.9);
    EXPECT_NEAR(interval.low, percentile(redrawn, 0.05), 1e-12);
    EXPECT_NEAR(interval.high, percentile(redrawn, 0.95), 1e-12);
  }
}

TEST(Bootstrap, OfAMeanIsCloseToTheNormalInterval) {
  const Scores scores = normal_scores(2000, 3, 2);
  const auto interval = metrics::bootstrap_interval(scores, 4000, 1);
  double variance = 0;
  for (const double image : scores.images) variance += std::pow(image - scores.corpus, 2);
  const double error = std::sqrt(variance) / 2000;  // of the mean
  EXPECT_NEAR(interval.low, scores.corpus - 1.96 * error, 0.1 * error);
  EXPECT_NEAR(interval.high, scores.corpus + 1.96 * error, 0.1 * error);
}

TEST(Bootstrap, DependsOnTheSeedAndOnNothingElse) {
  const Scores scores = ratio_scores(300, 3);
  const int before = base::num_threads();
  base::set_num_threads(1);
  const auto alone = metrics::bootstrap_interval(scores, 101, 7);
  base::set_num_threads(3);
  const auto together = metrics::bootstrap_interval(scores, 101, 7);
  const auto other_seed = metrics::bootstrap_interval(scores, 101, 8);
  base::set_num_threads(before);
  EXPECT_EQ(alone.low, together.low);
  EXPECT_EQ(alone.high, together.high);
  EXPECT_NE(alone.low, other_seed.low);
}

TEST(Bootstrap, RefusesWhatMakesNoSense) {
  const Scores scores = of_images({1, 2});
  EXPECT_THROW(metrics::bootstrap_interval({}, 10, 1), base::UsageError);
  EXPECT_THROW(metrics::bootstrap_interval(scores, 0, 1), base::UsageError);
  EXPECT_THROW(metrics::bootstrap_interval(scores, 10, 1, 1), base::UsageError);
  EXPECT_THROW(metrics::bootstrap_interval(scores, 10, 1, std::nan("")), base::UsageError);
  Scores lopsided = ratio_scores(3, 1);
  lopsided.statistics.back().push_back(1);
  EXPECT_THROW(metrics::bootstrap_interval(lopsided, 10, 1), base::UsageError);
}

TEST(PairedTest, IsTheNaiveOne) {
  constexpr std::size_t kCount = 45;
  constexpr int kRounds = 150;
  const Scores a = ratio_scores(kCount, 4), b = ratio_scores(kCount, 5);
  const auto test = metrics::paired_test(a, b, kRounds, 9);
  EXPECT_DOUBLE_EQ(test.difference, b.corpus - a.corpus);

  std::vector<double> differences;
  int extreme = 0;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    const auto chosen = drawn(kCount, 9, round);
    differences.push_back(metrics::score_of(b, chosen) - metrics::score_of(a, chosen));

    base::Random coins(9, 2 * round + 1);
    Scores one = a, other = b;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < kCount; ++i) {
      if (i % 32 == 0) bits = coins.bits();
      if (bits >> (i % 32) & 1) std::swap(one.statistics[i], other.statistics[i]);
    }
    std::vector<std::uint32_t> all(kCount);
    std::iota(all.begin(), all.end(), 0u);
    const double difference = metrics::score_of(other, all) - metrics::score_of(one, all);
    extreme += std::abs(difference) >= std::abs(test.difference);
  }
  EXPECT_DOUBLE_EQ(test.p_value, (1.0 + extreme) / (1.0 + kRounds));
  EXPECT_NEAR(test.interval.low, percentile(differences, 0.025), 1e-12);
  EXPECT_NEAR(test.interval.high, percentile(differences, 0.975), 1e-12);
}

TEST(PairedTest, FindsTheExactProbabilityOfFewSamples) {
  // b is better by the same on all of ten pictures: of the 1,024 ways to swap, two are as extreme.
  std::vector<double> a(10), b(10);
  for (int i = 0; i < 10; ++i) {
    a[static_cast<std::size_t>(i)] = 0.1 * i;
    b[static_cast<std::size_t>(i)] = 0.1 * i + 0.3;
  }
  const auto test = metrics::paired_test(of_images(a), of_images(b), 200'000, 1);
  EXPECT_NEAR(test.difference, 0.3, 1e-12);
  EXPECT_NEAR(test.p_value, 2.0 / 1024, 5 * std::sqrt(2.0 / 1024 / 200'000));
  EXPECT_NEAR(test.interval.low, 0.3, 1e-12);
  EXPECT_NEAR(test.interval.high, 0.3, 1e-12);
}

TEST(PairedTest, OfEqualFilesIsOne) {
  const Scores scores = normal_scores(50, 0, 6);
  const auto test = metrics::paired_test(scores, scores, 100, 1);
  EXPECT_EQ(test.difference, 0);
  EXPECT_EQ(test.p_value, 1);
  EXPECT_EQ(test.interval.low, 0);
  EXPECT_EQ(test.interval.high, 0);
}

TEST(PairedTest, IsSymmetric) {
  const Scores a = normal_scores(60, 0, 7), b = normal_scores(60, 0.3, 8);
  const auto forth = metrics::paired_test(a, b, 500, 2), back = metrics::paired_test(b, a, 500, 2);
  EXPECT_EQ(forth.difference, -back.difference);
  EXPECT_EQ(forth.p_value, back.p_value);
}

TEST(PairedTest, IsRightAboutHowOftenItIsWrong) {
  // Where both files come from the same distribution, p is uniform: one test in ten is below 0.1.
  constexpr int kTests = 400;
  std::vector<double> p_values;
  for (std::uint64_t i = 0; i < kTests; ++i) {
    p_values.push_back(
        metrics::paired_test(normal_scores(25, 0, 2 * i), normal_scores(25, 0, 2 * i + 1), 199, i)
            .p_value);
  }
  for (const double level : {0.05, 0.1, 0.25, 0.5, 0.75}) {
    const auto below = std::count_if(p_values.begin(), p_values.end(),
                                     [&](double p) { return p <= level + 1e-9; });
    EXPECT_NEAR(static_cast<double>(below) / kTests, level,
                4 * std::sqrt(level * (1 - level) / kTests));
  }
}

TEST(PairedTest, SeesARealDifferenceInBleu) {
  std::vector<metrics::Sample> worse, better;
  for (int i = 0; i < 40; ++i) {
    const std::string reference = "picture " + std::to_string(i) + " shows a red bus";
    worse.push_back({"it shows a bus", {reference}});
    better.push_back({"picture shows a red bus", {reference}});
  }
  const Scores a = metrics::bleu(worse)[1], b = metrics::bleu(better)[1];
  const auto test = metrics::paired_test(a, b, 999, 1);
  EXPECT_GT(test.interval.low, 0);
  EXPECT_DOUBLE_EQ(test.p_value, 1.0 / 1000);
}

TEST(PairedTest, RefusesWhatCannotBePaired) {
  const Scores two = of_images({1, 2}), three = of_images({1, 2, 3});
  EXPECT_THROW(metrics::paired_test(two, three, 10, 1), base::UsageError);
  EXPECT_THROW(metrics::paired_test(two, two, -1, 1), base::UsageError);
  EXPECT_THROW(metrics::paired_test({}, {}, 10, 1), base::UsageError);
  EXPECT_THROW(metrics::paired_test(three, ratio_scores(3, 1), 10, 1), base::UsageError);
}

}  // namespace
