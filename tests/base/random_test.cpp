#include "base/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace {

using base::philox;
using base::Random;
using testing::ElementsAre;

/// The lines "philox4x32 10" of kat_vectors, published with Random123: zeros, ones, digits of pi.
TEST(Random, PhiloxGivesTheKnownAnswers) {
  EXPECT_THAT(philox({0, 0, 0, 0}, {0, 0}),
              ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  EXPECT_THAT(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
  static_assert(philox({0, 0, 0, 0}, {0, 0})[0] == 0x6627e8d5, "at compile time too");
}

/// Seed is the key, stream the upper half of the counter, and the lower half counts.
TEST(Random, TakesItsWordsFromPhilox) {
  Random numbers(0x299f31d0a4093822, 0x0370734413198a2e);
  for (uint32_t block = 0; block < 3; ++block) {
    for (const uint32_t word :
         philox({block, 0, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0})) {
      EXPECT_EQ(numbers.bits(), word);
    }
  }
}

TEST(Random, RepeatsItselfAndDiffersBySeedAndStream) {
  const auto draw = [](uint64_t seed, uint64_t stream) {
    Random numbers(seed, stream);
    std::vector<uint32_t> words;
    for (int i = 0; i < 8; ++i) words.push_back(numbers.bits());
    return words;
  };
  EXPECT_EQ(draw(1, 2), draw(1, 2));
  const std::set<std::vector<uint32_t>> different{draw(1, 2), draw(2, 1), draw(1, 0),
                                                  draw(1, 1ull << 32), draw(1ull << 32, 2)};
  EXPECT_EQ(different.size(), 5u);
}

TEST(Random, UniformIsInTheHalfOpenInterval) {
  Random numbers(3);
  double sum = 0, smallest = 1, largest = 0;
  constexpr int kCount = 200'000;
  for (int i = 0; i < kCount; ++i) {
    const double x = numbers.uniform();
    ASSERT_GE(x, 0);
    ASSERT_LT(x, 1);
    ASSERT_EQ(x * 0x1p53, std::floor(x * 0x1p53)) << "not a multiple of 2^-53";
    sum += x;
    smallest = std::min(smallest, x);
    largest = std::max(largest, x);
  }
  EXPECT_NEAR(sum / kCount, 0.5, 0.003);  // 4.6 standard deviations
  EXPECT_LT(smallest, 1e-4);
  EXPECT_GT(largest, 1 - 1e-4);
}

TEST(Random, BelowReachesEveryValueAndNoMore) {
  for (const uint32_t count : {1u, 2u, 3u, 7u, 100u}) {
    Random numbers(4, count);
    std::vector<int> seen(count);
    constexpr int kDraws = 20'000;
    for (int i = 0; i < kDraws; ++i) {
      const uint32_t value = numbers.below(count);
      ASSERT_LT(value, count);
      ++seen[value];
    }
    const double expected = static_cast<double>(kDraws) / count;
    for (const int times : seen) EXPECT_NEAR(times, expected, 5 * std::sqrt(expected));
  }
  Random numbers(5);
  for (int i = 0; i < 1000; ++i) ASSERT_LT(numbers.below(0xffffffff), 0xffffffff);
}

TEST(Random, NormalHasTheMomentsOfAStandardNormal) {
  Random numbers(6);
  constexpr int kCount = 400'000;
  double moments[5] = {};
  for (int i = 0; i < kCount; ++i) {
    const double x = numbers.normal();
    ASSERT_TRUE(std::isfinite(x));
    for (int k = 1; k <= 4; ++k) moments[k] += std::pow(x, k) / kCount;
  }
  // The deviations of the means are sqrt({1, 2, 15, 96} / kCount).
  EXPECT_NEAR(moments[1], 0, 0.007);
  EXPECT_NEAR(moments[2], 1, 0.010);
  EXPECT_NEAR(moments[3], 0, 0.028);
  EXPECT_NEAR(moments[4], 3, 0.070);
}

}  // namespace
