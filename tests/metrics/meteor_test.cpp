#include "metrics/meteor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/parallel.h"
#include "metrics/significance.h"
#include "tests/metrics/meteor/lists.h"
#include "tests/metrics/meteor/statistics_row.h"

namespace metrics {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Meteor& meteor() {
  static const Meteor with_own_lists = Meteor::from_meteor(meteor_lists::own());
  return with_own_lists;
}

std::vector<std::vector<int>> rows(const std::vector<MeteorMatch>& matches) {
  std::vector<std::vector<int>> rows;
  for (const MeteorMatch& m : matches) {
    rows.push_back({m.hypothesis_start, m.hypothesis_length, m.reference_start, m.reference_length,
                    static_cast<int>(m.matcher)});
  }
  return rows;
}

Sample sample_of(const base::Json& json) {
  return {json.at("hypothesis").string(), json.at("references").get<std::vector<std::string>>()};
}

const base::Json& golden() {
  static const base::Json json = base::read_json(meteor_lists::golden() / "meteor_scores.json");
  return json;
}

TEST(Meteor, AlignsAsTheOriginal) {
  ASSERT_EQ(golden().at("pairs").size(), 200);
  for (const base::Json& json : golden().at("pairs")) {
    const Sample sample{json.at("hypothesis").string(), {json.at("reference").string()}};
    SCOPED_TRACE(sample.hypothesis + " | " + sample.references[0]);
    const MeteorResult result = meteor().score(sample);
    EXPECT_EQ(rows(result.matches), json.at("matches").get<std::vector<std::vector<int>>>());
    EXPECT_NEAR(result.score, json.at("score").get<double>(), 1e-12);
    EXPECT_NEAR(result.precision, json.at("precision").get<double>(), 1e-12);
    EXPECT_NEAR(result.recall, json.at("recall").get<double>(), 1e-12);
    EXPECT_NEAR(result.fragmentation_penalty, json.at("penalty").get<double>(), 1e-12);
  }
}

TEST(Meteor, ScoresAsTheOriginal) {
  std::vector<Sample> samples;
  ASSERT_EQ(golden().at("samples").size(), 18);
  for (const base::Json& json : golden().at("samples")) {
    samples.push_back(sample_of(json));
    SCOPED_TRACE(samples.back().hypothesis);
    const MeteorResult result = meteor().score(samples.back());
    EXPECT_NEAR(result.score, json.at("score").get<double>(), 1e-12);
    EXPECT_EQ(statistics_row(result.statistics), json.at("statistics").get<std::vector<double>>());
  }
  EXPECT_NEAR(meteor().score(samples).corpus, golden().at("corpus").get<double>(), 1e-12);
}

TEST(Meteor, KeepsTheFirstOfEquallyGoodReferences) {
  const MeteorResult result = meteor().score({"a dog runs", {"cat", "x dog y", "y dog x", "dog"}});
  EXPECT_EQ(result.reference, 3);
  EXPECT_EQ(meteor().score({"dog", {"cat", "x dog", "y dog"}}).reference, 1);
  EXPECT_EQ(meteor().score({"dog", {"cat", "goose"}}).reference, 0);
  EXPECT_THAT(result.hypothesis_words, ElementsAre("a", "dog", "runs"));
  EXPECT_THAT(result.reference_words, ElementsAre("dog"));
}

TEST(Meteor, TreatsBarsAsTheToolkitDoes) {
  const double score = meteor().score({"a dog runs", {"a cat runs"}}).score;
  EXPECT_EQ(meteor().score({"a dog||| ||||||runs", {"a cat runs"}}).score, score);
  const MeteorResult several = meteor().score({"a dog runs", {"cat", "a bird ||| a cat runs"}});
  EXPECT_EQ(several.score, score);
  EXPECT_EQ(several.reference, 1);
  EXPECT_THAT(several.reference_words, ElementsAre("a", "cat", "runs"));
}

TEST(Meteor, ScoresNothingWithZero) {
  for (const Sample& sample : {Sample{"", {"a dog"}}, Sample{"a dog", {""}}, Sample{"", {""}},
                               Sample{"||| \t", {"|||"}}}) {
    const MeteorResult result = meteor().score(sample);
    EXPECT_EQ(result.score, 0);
    EXPECT_EQ(result.precision + result.recall + result.fragmentation_penalty, 0);
    EXPECT_TRUE(result.matches.empty());
  }
  EXPECT_EQ(meteor().score(std::vector<Sample>{}).corpus, 0);
  EXPECT_THAT(error_of<base::UsageError>([] {
                meteor().score({"a dog", {}});
              }),
              HasSubstr("meteor"));
}

TEST(Meteor, DoesNotCountThePerfectChunkInACorpus) {
  const std::vector<Sample> samples{{"a dog runs", {"a dog runs"}}, {"a dog", {"dog a"}}};
  const Scores scores = meteor().score(samples);
  EXPECT_EQ(scores.images[0], 1);
  EXPECT_EQ(scores.statistics[0][20], 0);
  EXPECT_EQ(scores.statistics[1][20], 2);
  // 5 words matched in 2 chunks.
  EXPECT_NEAR(scores.corpus, 1 - 0.6 * std::pow(2.0 / 5, 0.2), 1e-12);
}

TEST(Meteor, MakesTheCorpusScoreOfAnyChoiceOfSamples) {
  std::vector<Sample> samples;
  for (const base::Json& json : golden().at("samples")) samples.push_back(sample_of(json));
  const Scores scores = meteor().score(samples);
  const std::vector<std::uint32_t> chosen{3, 3, 8, 0};
  const std::vector<Sample> drawn{samples[3], samples[3], samples[8], samples[0]};
  EXPECT_EQ(score_of(scores, chosen), meteor().score(drawn).corpus);
}

TEST(Meteor, AnswersTheSameForAnyNumberOfThreads) {
  std::vector<Sample> samples;
  for (const base::Json& json : golden().at("pairs")) {
    samples.push_back({json.at("hypothesis").string(), {json.at("reference").string()}});
  }
  const int threads = base::num_threads();
  base::set_num_threads(1);
  const Scores one = meteor().score(samples);
  base::set_num_threads(5);
  const Scores five = meteor().score(samples);
  base::set_num_threads(threads);
  EXPECT_EQ(one.corpus, five.corpus);
  EXPECT_EQ(one.images, five.images);
  EXPECT_EQ(one.statistics, five.statistics);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(one.images[i], meteor().score(samples[i]).score);
  }
}

TEST(Meteor, TakesLongCaptions) {
  std::string word, words;
  for (int i = 0; i < 100'000; ++i) {
    word += "the ";
    words += i % 3 ? "a dog " : "running ";
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_LT(meteor().score({words, {"a dog runs on the street", "the the"}}).score, 0.01);
  EXPECT_LT(meteor().score({word, {"the dog in the street of the goose"}}).score, 0.01);
  EXPECT_GT(meteor().score({"a dog runs on the street", {words}}).precision, 0.4);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

TEST(Meteor, SaysWhichListsItUses) {
  EXPECT_TRUE(meteor().has_paraphrases());
  EXPECT_EQ(meteor().source(), "word lists that are not METEOR 1.5's with paraphrases");
  const Meteor plain = Meteor::from_meteor(meteor_lists::own(), false);
  EXPECT_FALSE(plain.has_paraphrases());
  EXPECT_EQ(plain.source(), "word lists that are not METEOR 1.5's, without paraphrases");
  EXPECT_EQ(plain.score({"people", {"persons"}}).score, 0);
  EXPECT_GT(meteor().score({"people", {"persons"}}).score, 0);
}

TEST(Meteor, NamesTheListThatIsAbsentOrEmpty) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of<base::FileError>([&] { Meteor::from_meteor(folder.path()); }),
              HasSubstr("english.prefixes"));
  for (const auto& file : std::filesystem::directory_iterator(meteor_lists::own())) {
    std::filesystem::copy(file, folder.path());
  }
  folder.write("english.words", "");
  EXPECT_THAT(error_of<base::FormatError>([&] { Meteor::from_meteor(folder.path()); }),
              HasSubstr("english.words"));
  folder.write("english.words", "the\n");
  folder.write("paraphrase-en.bin", "no table");
  EXPECT_THAT(error_of<base::FormatError>([&] { Meteor::from_meteor(folder.path()); }),
              HasSubstr("paraphrase-en.bin"));
  EXPECT_FALSE(Meteor::from_meteor(folder.path(), false).has_paraphrases());
}

TEST(Meteor, RunsOnWordNetAlone) {
  constexpr const char* kFolder = "/usr/share/wordnet";
  if (!std::filesystem::exists(std::filesystem::path(kFolder) / "index.noun")) {
    GTEST_SKIP() << "needs WordNet (Debian's wordnet-base; absent here)";
  }
  const Meteor wordnet = Meteor::from_wordnet(kFolder);
  EXPECT_FALSE(wordnet.has_paraphrases());
  EXPECT_EQ(wordnet.source(), "WordNet, without paraphrases");
  const MeteorResult result =
      wordnet.score({"a sofa in the street .", {"a couch in the streets ."}});
  EXPECT_EQ(rows(result.matches), (std::vector<std::vector<int>>{{0, 1, 0, 1, 0},
                                                                 {1, 1, 1, 1, 2},
                                                                 {2, 1, 2, 1, 0},
                                                                 {3, 1, 3, 1, 0},
                                                                 {4, 1, 4, 1, 1},
                                                                 {5, 1, 5, 1, 0}}));
  EXPECT_EQ(result.statistics.hypothesis_function, 4);
}

}  // namespace
}  // namespace metrics
