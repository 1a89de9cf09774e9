#include "nn/logits_processors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

#include "base/json.h"
#include "base/random.h"
#include "tensor/index.h"  // row_offsets

namespace {

using nn::GenerationOptions;
using nn::LogitsProcessors;
using tensor::Tensor;
using tensor::TokenHistory;
using testing::ElementsAre;

constexpr float kBanned = -INFINITY;

using Ids = std::vector<int64_t>;

/// A row of scores after an operation of tensor/sample.h, or several.
std::vector<float> after(const std::vector<float>& scores,
                         const std::function<void(Tensor&)>& change) {
  Tensor row = Tensor::from({1, std::ssize(scores)}, scores);
  change(row);
  return {row.span<float>().begin(), row.span<float>().end()};
}

TokenHistory history_of(const Ids& ids) {
  const std::vector<int32_t> tokens(ids.begin(), ids.end());
  return {.tokens = Tensor::from({1, std::ssize(tokens)}, tokens),
          .lengths = Tensor::from<int32_t>({1}, {static_cast<int32_t>(tokens.size())})};
}

void ban_words(Tensor& scores, const TokenHistory& history, const std::vector<Ids>& words) {
  std::vector<int32_t> tokens, lengths;
  for (const Ids& word : words) {
    tokens.insert(tokens.end(), word.begin(), word.end());
    lengths.push_back(static_cast<int32_t>(word.size()));
  }
  tensor::ban_words(scores, history, Tensor::from({std::ssize(tokens)}, tokens),
                    tensor::row_offsets(lengths));
}

void apply(const base::Json& one, Tensor& scores, int64_t eos) {
  const auto ids = one["ids"].get<Ids>();
  const std::string name = one["processor"].get<std::string>();
  const base::Json& value = one["value"];
  if (name == "repetition_penalty") {
    tensor::penalize_repetition(scores, history_of(ids), value.get<double>());
  } else if (name == "no_repeat_ngram_size") {
    tensor::ban_repeated_ngrams(scores, history_of(ids), value.get<int64_t>());
  } else if (name == "bad_words_ids") {
    GenerationOptions options;
    options.bad_words_ids = value.get<std::vector<Ids>>();
    options.eos_token_id = eos;
    const nn::GeneratedSequence sequence{.ids = ids, .token_logprobs = {}};
    const nn::GeneratedSequence* const rows[] = {&sequence};
    nn::LogitsProcessors(options).process(scores, rows);
  } else if (name == "temperature") {
    tensor::scale_temperature(scores, value.get<double>());
  } else if (name == "top_k") {
    tensor::keep_top_k(scores, value.get<int64_t>());
  } else if (name == "top_p" || name == "top_p_keep_2") {
    tensor::keep_top_p(scores, value.get<double>(), name == "top_p" ? 1 : 2);
  } else {
    FAIL() << "no processor " << name;
  }
}

TEST(LogitsProcessors, EqualTransformers) {
  const base::Json fixture = base::read_json(std::filesystem::path(BLIP_SOURCE_DIR) /
                                             "tests/nn/fixtures/logits_processors.json");
  ASSERT_GT(fixture["cases"].size(), 100u);
  for (const base::Json& one : fixture["cases"]) {
    const auto scores = after(one["scores"].get<std::vector<float>>(), [&](Tensor& row) {
      apply(one, row, fixture["eos_token_id"].get<int64_t>());
    });
    std::vector<float> expected;
    for (const base::Json& value : one["after"]) {
      expected.push_back(value.is_null() ? kBanned : value.get<float>());
    }
    EXPECT_EQ(scores, expected) << one["processor"] << " " << one["value"] << " " << one["ids"];
  }
}

TEST(LogitsProcessors, IdsOutsideOfTheVocabularyChangeNothing) {
  const TokenHistory history = history_of({9, -1, 9, -1, 9});
  const auto scores = after({1, -1, 0}, [&](Tensor& row) {
    tensor::penalize_repetition(row, history, 2);
    tensor::ban_repeated_ngrams(row, history, 2);
    ban_words(row, history, {{7}, {9, 8}});
  });
  EXPECT_THAT(scores, ElementsAre(1, -1, 0));
}

TEST(LogitsProcessors, TopKKeepsAllThatEqualTheLast) {
  const auto scores = after({3, 1, 2, 2, 0}, [](Tensor& row) { tensor::keep_top_k(row, 2); });
  EXPECT_THAT(scores, ElementsAre(3, kBanned, 2, 2, kBanned));
}

TEST(LogitsProcessors, TopPKeepsTheLowerOfEqualTokens) {
  const auto scores = after({1, 5, 5, 5, 1}, [](Tensor& row) { tensor::keep_top_p(row, 0.5, 1); });
  EXPECT_THAT(scores, ElementsAre(kBanned, 5, 5, kBanned, kBanned));
}

TEST(LogitsProcessors, TopPCountsWhatIsNotBannedYet) {
  const auto scores = after({kBanned, std::log(1.f), std::log(3.f), kBanned},
                            [](Tensor& row) { tensor::keep_top_p(row, 0.7, 1); });
  EXPECT_THAT(scores, ElementsAre(kBanned, kBanned, std::log(3.f), kBanned));
}

TEST(LogitsProcessors, TopPEqualsSortingAllOfALargeVocabulary) {
  base::Random numbers(4);
  std::vector<float> scores(30524);
  for (float& score : scores) score = static_cast<float>(2 * numbers.normal());
  std::vector<double> sorted;
  double total = 0;
  for (const float score : scores) total += sorted.emplace_back(std::exp(double{score}));
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  double mass = 0;
  std::size_t count = 0;
  while (mass < 0.8 * total) mass += sorted[count++];
  scores = after(scores, [](Tensor& row) { tensor::keep_top_p(row, 0.8, 1); });
  std::size_t kept = 0;
  for (const float score : scores) {
    if (score == kBanned) continue;
    ++kept;
    EXPECT_GE(std::exp(double{score}), sorted[count - 1]);
  }
  EXPECT_EQ(kept, count);
}

TEST(LogitsProcessors, RunInTheOrderOfTransformers) {
  GenerationOptions options;
  options.repetition_penalty = 2;
  options.no_repeat_ngram_size = 2;
  options.bad_words_ids = {{3}, {1, 4}};
  options.min_new_tokens = 2;
  options.eos_token_id = 0;
  nn::GeneratedSequence sequence{.ids = {5, 1, 2, 1}, .token_logprobs = {-1}};
  const nn::GeneratedSequence* const rows[] = {&sequence};
  const auto process = [&](Tensor& row) { LogitsProcessors(options).process(row, rows); };
  EXPECT_THAT(after({9, 4, 6, 8, 7, -1}, process),
              ElementsAre(kBanned, 2, kBanned, kBanned, kBanned, -2));
  sequence.token_logprobs.push_back(-1);
  EXPECT_EQ(after({9, 4, 6, 8, 7, -1}, process)[0], 9);

  // Temperature first: it decides how many tokens reach top_p.
  const auto warp = [&](Tensor& row) { LogitsProcessors(options).warp(row); };
  options.temperature = 0.25;
  options.top_p = 0.9;
  const auto warped = after({std::log(4.f), std::log(3.f), std::log(2.f)},  // 256, 81, 16 of 353
                            warp);
  EXPECT_NE(warped[1], kBanned);
  EXPECT_EQ(warped[2], kBanned);

  options.top_k = 1;
  options.num_beams = 2;
  EXPECT_THAT(after({3, 2, 1}, warp), ElementsAre(12, 8, kBanned));
}

}  // namespace
