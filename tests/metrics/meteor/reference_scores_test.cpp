// METEOR's own scores of two corpora, per picture and as a whole, with and without paraphrases.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/json.h"
#include "metrics/meteor.h"
#include "tests/metrics/gzip_lines.h"
#include "tests/metrics/meteor/lists.h"
#include "tests/metrics/meteor/statistics_row.h"
#include "tests/shared.h"

namespace metrics {
namespace {

constexpr double kTolerance = 1e-6;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

class MeteorReference : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
    const std::string name = GetParam();
    const auto path = shared::path("reference/metrics/" + name);
    if (std::filesystem::exists(path.string() + ".json.gz")) {
      std::string text;
      for (const std::string& line : gzip_lines(path.string() + ".json.gz")) text += line + '\n';
      corpus_ = base::parse_json(text, name);
    } else {
      corpus_ = base::read_json(path.string() + ".json");
    }
    detail_ = base::read_json(path.string() + "_meteor_detail.json");
    for (const base::Json& image : corpus_.at("images")) {
      samples_.push_back(
          {image.at("hyp").string(), image.at("refs").get<std::vector<std::string>>()});
    }
  }

  void expect_scores(const Meteor& meteor, const char* key) {
    const Scores scores = meteor.score(samples_);
    EXPECT_NEAR(scores.corpus, corpus_.at("scores").at(key).get<double>(), kTolerance);
    double worst = 0;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const auto expected = corpus_.at("images")[i].at(key).get<double>();
      worst = std::max(worst, std::abs(scores.images[i] - expected));
    }
    EXPECT_LE(worst, kTolerance);
    RecordProperty("largest_difference", std::to_string(worst));
  }

  base::Json corpus_, detail_;
  std::vector<Sample> samples_;
};

TEST_P(MeteorReference, ScoresWithoutParaphrases) {
  const auto lists = shared::path("reference/metrics/meteor-data");
  expect_scores(Meteor::from_meteor(lists, false), "METEOR_nopara");
}

TEST_P(MeteorReference, ScoresWithParaphrases) {
  const auto lists = meteor_lists::fetched();
  if (lists.empty()) GTEST_SKIP() << meteor_lists::kNotFetched;
  expect_scores(Meteor::from_meteor(lists), "METEOR");
}

TEST_P(MeteorReference, AlignsTheBestReference) {
  const Meteor meteor = Meteor::from_meteor(shared::path("reference/metrics/meteor-data"), false);
  ASSERT_EQ(detail_.size(), samples_.size() + 1);  // and the sum of all
  std::vector<double> sum(23);
  const auto row_of = [](const base::Json& json) {
    return json.at("stats").get<std::vector<double>>();
  };
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const base::Json& expected = detail_[i];
    SCOPED_TRACE(expected.at("id").dump());
    const MeteorResult result = meteor.score(samples_[i]);
    EXPECT_EQ(statistics_row(result.statistics), row_of(expected));
    EXPECT_EQ(joined(result.hypothesis_words), expected.at("hyp").string());
    EXPECT_EQ(joined(result.reference_words), expected.at("ref").string());
    EXPECT_NEAR(result.precision, expected.at("p").get<double>(), kTolerance);
    EXPECT_NEAR(result.recall, expected.at("r").get<double>(), kTolerance);
    if (!expected.at("pen").is_null()) {  // it is where nothing is matched
      EXPECT_NEAR(result.fragmentation_penalty, expected.at("pen").get<double>(), kTolerance);
    }
    std::vector<std::vector<int>> alignment;
    for (const MeteorMatch& m : result.matches) {
      alignment.push_back({m.reference_start, m.reference_length, m.hypothesis_start,
                           m.hypothesis_length, static_cast<int>(m.matcher)});
    }
    EXPECT_EQ(alignment, expected.at("align").get<std::vector<std::vector<int>>>());
  }
  for (const std::vector<double>& row : meteor.score(samples_).statistics) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += row[i];
  }
  EXPECT_EQ(sum, row_of(detail_[samples_.size()]));
}

INSTANTIATE_TEST_SUITE_P(Corpora, MeteorReference,
                         ::testing::Values("pascal_spice", "abstract48S_candsB"),
                         [](const auto& corpus) { return std::string(corpus.param); });

}  // namespace
}  // namespace metrics
