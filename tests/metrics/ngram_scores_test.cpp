// BLEU, ROUGE-L, CIDEr-D and CIDEr against the COCO caption toolkit's own figures.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "metrics/bleu.h"
#include "metrics/cider.h"
#include "metrics/rouge.h"
#include "tests/metrics/gzip_lines.h"
#include "tests/shared.h"

namespace {

constexpr double kTolerance = 1e-9;

std::array<metrics::Scores, 7> all_scores(const std::vector<metrics::Sample>& samples) {
  using namespace metrics;
  auto [bleu_1, bleu_2, bleu_3, bleu_4] = bleu(samples);
  const DocumentFrequencies frequencies = DocumentFrequencies::of(samples);
  return {bleu_1,
          bleu_2,
          bleu_3,
          bleu_4,
          rouge_l(samples),
          Cider(frequencies, CiderVariant::kD).score(samples),
          Cider(frequencies, CiderVariant::kPlain).score(samples)};
}

double relative(double a, double b) {
  return a == b ? 0 : std::abs(a - b) / std::max(std::abs(a), std::abs(b));
}

metrics::Sample sample_of(const base::Json& json, const char* hypothesis, const char* references) {
  return {json.at(hypothesis).string(), json.at(references).get<std::vector<std::string>>()};
}

TEST(NgramScores, AreTheToolkitsOnOddCaptions) {
  const base::Json corpora = base::read_json(std::filesystem::path(BLIP_SOURCE_DIR) /
                                             "tests/metrics/golden/ngram_scores.json");
  constexpr std::array kNames = {"bleu_1",  "bleu_2",  "bleu_3", "bleu_4",
                                 "rouge_l", "cider_d", "cider"};
  ASSERT_EQ(corpora.size(), 5);
  for (const base::Json& corpus : corpora) {
    std::vector<metrics::Sample> samples;
    for (const base::Json& json : corpus.at("samples")) {
      samples.push_back(sample_of(json, "hypothesis", "references"));
    }
    const auto scores = all_scores(samples);
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      SCOPED_TRACE(base::str(corpus.at("corpus").string(), " ", kNames[i]));
      const base::Json& expected = corpus.at("scores").at(kNames[i]);
      EXPECT_LE(relative(scores[i].corpus, expected.at("corpus").get<double>()), kTolerance);
      ASSERT_EQ(scores[i].images.size(), expected.at("images").size());
      for (std::size_t j = 0; j < samples.size(); ++j) {
        EXPECT_LE(relative(scores[i].images[j], expected.at("images")[j].get<double>()), kTolerance)
            << samples[j].hypothesis;
      }
    }
  }
}

class NgramScores : public testing::TestWithParam<const char*> {};

TEST_P(NgramScores, AreTheToolkitsOnPublishedCaptions) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const std::filesystem::path path = shared::path("reference/metrics") / GetParam();
  std::string text;
  if (path.extension() == ".gz") {
    for (const std::string& line : gzip_lines(path)) text += line + "\n";
  }
  const base::Json reference =
      text.empty() ? base::read_json(path) : base::parse_json(text, path.string());
  std::vector<metrics::Sample> samples;
  for (const base::Json& image : reference.at("images")) {
    samples.push_back(sample_of(image, "hyp", "refs"));
  }
  ASSERT_GE(samples.size(), 200);

  constexpr std::array kNames = {"Bleu_1",  "Bleu_2",  "Bleu_3",     "Bleu_4",
                                 "ROUGE_L", "CIDEr_D", "CIDEr_plain"};
  const auto scores = all_scores(samples);
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    SCOPED_TRACE(kNames[i]);
    double worst = relative(scores[i].corpus, reference.at("scores").at(kNames[i]).get<double>());
    for (std::size_t j = 0; j < samples.size(); ++j) {
      const auto expected = reference.at("images")[j].at(kNames[i]).get<double>();
      worst = std::max(worst, relative(scores[i].images[j], expected));
    }
    EXPECT_LE(worst, kTolerance);
    RecordProperty(std::string("largest_difference_") + kNames[i], base::str(worst));
  }
}

INSTANTIATE_TEST_SUITE_P(Files, NgramScores,
                         testing::Values("pascal_spice.json.gz", "abstract48S_candsB.json"),
                         [](const auto& file) {
                           const std::string name = file.param;
                           return name.substr(0, name.find('_'));
                         });

}  // namespace
