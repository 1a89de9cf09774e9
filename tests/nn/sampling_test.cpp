// Sampling: frequencies against exact probabilities, and what the draws depend on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nn/search.h"
#include "tests/nn/toy_decoders.h"

namespace {

using nn::GeneratedSequence;
using nn::GenerationOptions;

/// 99.9 % of a chi-square distribution (Wilson and Hilferty's approximation).
double chi_square_limit(double degrees) {
  const double a = 2 / (9 * degrees);
  return degrees * std::pow(1 - a + 3.0902 * std::sqrt(a), 3);
}

void expect_distribution(const std::vector<int>& counts, const std::vector<double>& probabilities) {
  double total = 0, chi_square = 0, degrees = -1;
  for (const int count : counts) total += count;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (probabilities[i] == 0) {
      EXPECT_EQ(counts[i], 0) << "token " << i;
      continue;
    }
    const double expected = total * probabilities[i];
    chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
    ++degrees;
  }
  EXPECT_LT(chi_square, chi_square_limit(degrees));
}

/// How often each of 6 tokens comes first when sampled from the logs of 1..6 twenty-firsts.
std::vector<int> first_tokens(GenerationOptions options, int64_t vocabulary = 6) {
  std::vector<float> logits;
  for (int64_t i = 1; i <= vocabulary; ++i) logits.push_back(std::log(static_cast<float>(i)));
  ScriptedDecoder decoder([&](int64_t, int64_t) { return logits; });
  options.do_sample = true;
  options.max_new_tokens = 1;
  options.eos_token_id = 99;
  options.seed = 7;
  std::vector<int> counts(static_cast<std::size_t>(vocabulary));
  for (const auto& sequences : nn::generate(decoder, Prompts(4000, {0}), options)) {
    for (const GeneratedSequence& sequence : sequences) {
      ++counts[static_cast<std::size_t>(sequence.ids.back())];
    }
  }
  return counts;
}

TEST(Sampling, DrawsWithTheProbabilitiesOfTheModel) {
  expect_distribution(first_tokens({}), {1 / 21., 2 / 21., 3 / 21., 4 / 21., 5 / 21., 6 / 21.});
  GenerationOptions several;
  several.num_return_sequences = 5;
  expect_distribution(first_tokens(several),
                      {1 / 21., 2 / 21., 3 / 21., 4 / 21., 5 / 21., 6 / 21.});
}

TEST(Sampling, DrawsWithTemperatureTopKAndTopP) {
  GenerationOptions options;
  options.temperature = 0.5;  // squares
  expect_distribution(first_tokens(options),
                      {1 / 91., 4 / 91., 9 / 91., 16 / 91., 25 / 91., 36 / 91.});
  options.top_k = 4;
  expect_distribution(first_tokens(options), {0, 0, 9 / 86., 16 / 86., 25 / 86., 36 / 86.});
  options.top_p = 0.6;  // 36 + 25 of 86 reach it
  expect_distribution(first_tokens(options), {0, 0, 0, 0, 25 / 61., 36 / 61.});
}

TEST(Sampling, LogprobIsThatOfTheDistributionDrawnFrom) {
  GenerationOptions options{.max_new_tokens = 8};
  options.do_sample = true;
  options.temperature = 0.5;
  options.top_k = 2;
  ScriptedDecoder decoder([](int64_t, int64_t) {
    return std::vector<float>{0, std::log(2.f), std::log(3.f)};
  });
  const Results results = nn::generate(decoder, Prompts{{0}}, options);
  const GeneratedSequence& sequence = results[0][0];
  ASSERT_EQ(sequence.token_logprobs.size(), 8u);
  double sum = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_NEAR(sequence.token_logprobs[i], std::log((sequence.ids[i + 1] == 1 ? 4 : 9) / 13.),
                1e-6);
    sum += double{sequence.token_logprobs[i]};
  }
  EXPECT_EQ(sequence.score, sum);
}

TEST(Sampling, BeamsDrawWithoutReplacement) {
  GenerationOptions options;
  options.num_beams = 2;
  const std::vector<int> counts = first_tokens(options, 5);
  // With one token to go all candidates end, and the first two drawn are the sequences, sorted: the
  // result is the better of two draws without replacement.
  std::vector<double> expected(5);
  for (int a = 1; a <= 5; ++a) {
    for (int b = 1; b <= 5; ++b) {
      if (a != b) expected[static_cast<std::size_t>(std::max(a, b) - 1)] += a / 15. * b / (15. - a);
    }
  }
  expect_distribution(counts, expected);
}

TEST(Sampling, BeamsGoOnFromTheBestThatWereDrawn) {
  GenerationOptions options{.max_new_tokens = 2, .num_beams = 2};
  options.do_sample = true;
  // All three tokens are drawn, in any order; the better two are continued.
  ScriptedDecoder decoder([](int64_t, int64_t) { return std::vector<float>{0, 1, 2}; });
  for (const auto& sequences : nn::generate(decoder, Prompts(200, {0}), options)) {
    EXPECT_NE(sequences.front().ids[1], 0);
  }
}

TEST(Sampling, ABatchDrawsWhatItsMembersDrawAlone) {
  for (const int64_t num_beams : {1, 3}) {
    GenerationOptions options;
    options.eos_token_id = HashDecoder::kEos;
    options.do_sample = true;
    options.num_beams = num_beams;
    options.num_return_sequences = 3;
    options.seed = 11;
    const Prompts prompts{{1}, {1, 3, 4}, {1, 5}};
    const std::vector<uint64_t> streams{40, 7, 1000000};
    const Results together = decode({.seed = 3, .eos_bonus = 1}, prompts, options, streams);
    EXPECT_NE(together[0][0].ids, together[0][1].ids);
    for (std::size_t p = 0; p < prompts.size(); ++p) {
      const Results alone = decode({.seed = 3, .eos_bonus = 1}, {prompts[p]}, options,
                                   std::span(streams).subspan(p, 1));
      expect_same(together[p], alone.front());
    }
    options.seed = 12;
    EXPECT_NE(decode({.seed = 3, .eos_bonus = 1}, prompts, options, streams)[0][0].ids,
              together[0][0].ids);
  }
}

}  // namespace
