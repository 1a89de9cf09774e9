#include "nn/logits_processors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/json.h"
#include "base/random.h"

namespace {

using nn::GenerationOptions;
using testing::ElementsAre;

constexpr float kBanned = -INFINITY;

void apply(const base::Json& one, std::vector<float>& scores, int64_t eos) {
  const auto ids = one["ids"].get<std::vector<int64_t>>();
  const std::string name = one["processor"].get<std::string>();
  const base::Json& value = one["value"];
  if (name == "repetition_penalty") {
    nn::penalize_repetition(scores, ids, value.get<double>());
  } else if (name == "no_repeat_ngram_size") {
    nn::ban_repeated_ngrams(scores, ids, value.get<int64_t>());
  } else if (name == "bad_words_ids") {
    nn::ban_words(scores, ids, value.get<std::vector<std::vector<int64_t>>>(), eos);
  } else if (name == "temperature") {
    nn::scale_temperature(scores, value.get<double>());
  } else if (name == "top_k") {
    nn::keep_top_k(scores, value.get<int64_t>());
  } else if (name == "top_p" || name == "top_p_keep_2") {
    nn::keep_top_p(scores, value.get<double>(), name == "top_p" ? 1 : 2);
  } else {
    FAIL() << "no processor " << name;
  }
}

TEST(LogitsProcessors, EqualTransformers) {
  const base::Json fixture = base::read_json(std::filesystem::path(BLIP_SOURCE_DIR) /
                                             "tests/nn/fixtures/logits_processors.json");
  ASSERT_GT(fixture["cases"].size(), 100u);
  for (const base::Json& one : fixture["cases"]) {
    auto scores = one["scores"].get<std::vector<float>>();
    apply(one, scores, fixture["eos_token_id"].get<int64_t>());
    std::vector<float> expected;
    for (const base::Json& value : one["after"]) {
      expected.push_back(value.is_null() ? kBanned : value.get<float>());
    }
    EXPECT_EQ(scores, expected) << one["processor"] << " " << one["value"] << " " << one["ids"];
  }
}

TEST(LogitsProcessors, IdsOutsideOfTheVocabularyChangeNothing) {
  const std::vector<int64_t> ids{9, -1, 9, -1, 9};
  std::vector<float> scores{1, -1, 0};
  nn::penalize_repetition(scores, ids, 2);
  nn::ban_repeated_ngrams(scores, ids, 2);
  nn::ban_words(scores, ids, std::vector<std::vector<int64_t>>{{7}, {9, 8}}, 2);
  EXPECT_THAT(scores, ElementsAre(1, -1, 0));
}

TEST(LogitsProcessors, TopKKeepsAllThatEqualTheLast) {
  std::vector<float> scores{3, 1, 2, 2, 0};
  nn::keep_top_k(scores, 2);
  EXPECT_THAT(scores, ElementsAre(3, kBanned, 2, 2, kBanned));
}

TEST(LogitsProcessors, TopPKeepsTheLowerOfEqualTokens) {
  std::vector<float> scores{1, 5, 5, 5, 1};
  nn::keep_top_p(scores, 0.5, 1);
  EXPECT_THAT(scores, ElementsAre(kBanned, 5, 5, kBanned, kBanned));
}

TEST(LogitsProcessors, TopPCountsWhatIsNotBannedYet) {
  std::vector<float> scores{kBanned, std::log(1.f), std::log(3.f), kBanned};
  nn::keep_top_p(scores, 0.7, 1);
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
  nn::keep_top_p(scores, 0.8, 1);
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
  const std::vector<int64_t> ids{5, 1, 2, 1};
  std::vector<float> scores{9, 4, 6, 8, 7, -1};
  nn::process_scores(scores, ids, 1, options);
  EXPECT_THAT(scores, ElementsAre(kBanned, 2, kBanned, kBanned, kBanned, -2));
  std::vector<float> later{9, 4, 6, 8, 7, -1};
  nn::process_scores(later, ids, 2, options);
  EXPECT_EQ(later[0], 9);

  // Temperature first: it decides how many tokens reach top_p.
  options.temperature = 0.25;
  options.top_p = 0.9;
  std::vector<float> warped{std::log(4.f), std::log(3.f), std::log(2.f)};  // 256, 81, 16 of 353
  nn::warp_scores(warped, options);
  EXPECT_NE(warped[1], kBanned);
  EXPECT_EQ(warped[2], kBanned);

  options.top_k = 1;
  std::vector<float> beams{3, 2, 1};
  options.num_beams = 2;
  nn::warp_scores(beams, options);
  EXPECT_THAT(beams, ElementsAre(12, 8, kBanned));
}

}  // namespace
