#include "metrics/spice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"
#include "base/parallel.h"
#include "tests/shared.h"

namespace metrics {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::filesystem::path source() {
  return BLIP_SOURCE_DIR;
}

std::filesystem::path weights() {
  return source() / "weights" / "parser";
}

const Spice& spice() {
  static const Spice made(
      english::Tagger::load(weights()), english::DependencyParser::load(weights()),
      english::Synonyms::from_meteor(source() / "tests" / "metrics" / "golden" / "meteor_lists"));
  return made;
}

std::vector<std::size_t> sentence_lengths(const std::string& caption) {
  std::vector<std::size_t> lengths;
  for (const english::Sentence& sentence : spice().parse(caption)) {
    lengths.push_back(sentence.size());
  }
  return lengths;
}

TEST(SpiceTest, ParsesACaption) {
  const std::vector<english::Sentence> sentences = spice().parse("Two men are riding horses");
  ASSERT_THAT(sentences, SizeIs(1));
  const english::Sentence& words = sentences[0];
  ASSERT_THAT(words, SizeIs(5));
  EXPECT_EQ(words[0].form, "Two");
  EXPECT_EQ(words[1].tag, "NNS");
  EXPECT_EQ(words[1].lemma, "man");
  EXPECT_EQ(words[1].head, 4);
  EXPECT_EQ(words[1].relation, "nsubj");
}

TEST(SpiceTest, EndsSentencesAtFullStopsAndTheLike) {
  EXPECT_THAT(sentence_lengths("a cat sleeps. a dog barks!? why ?"), ElementsAre(4, 4, 2));
  EXPECT_THAT(sentence_lengths("\"a cat sleeps.\" a dog."), ElementsAre(6, 3));
  EXPECT_THAT(sentence_lengths("a cat\nand\ta dog"), ElementsAre(5));
  EXPECT_THAT(sentence_lengths(""), IsEmpty());
  EXPECT_THAT(sentence_lengths(" \n\t"), IsEmpty());
  EXPECT_THAT(sentence_lengths("."), ElementsAre(1));
}

TEST(SpiceTest, FindsObjectsAttributesAndRelations) {
  const SceneGraph graph = spice().scene_graph(
      std::vector<std::string>{"a man is riding a black horse", "a happy man on a horse"});
  EXPECT_THAT(tuples(graph), ::testing::UnorderedElementsAre(
                                 SceneTuple{"man"}, SceneTuple{"man", "happy"}, SceneTuple{"horse"},
                                 SceneTuple{"horse", "black"}, SceneTuple{"man", "ride", "horse"},
                                 SceneTuple{"man", "on", "horse"}));
}

TEST(SpiceTest, ScoresTheShareOfTuples) {
  const SpiceResult result =
      spice().score({"a kid on a sofa", {"a happy child on a couch", "a small child"}});
  EXPECT_THAT(result.hypothesis_matched, SizeIs(3));
  EXPECT_THAT(result.hypothesis_matched, Each(true));
  EXPECT_EQ(result.precision, 1);
  EXPECT_EQ(result.recall, 3.0 / 5);
  EXPECT_DOUBLE_EQ(result.f, 0.75);
  EXPECT_THAT(tuples(result.references), Contains(SceneTuple{"child", "happy"}));
  EXPECT_EQ(result.references_matched.size(), tuples(result.references).size());
}

TEST(SpiceTest, IsZeroWhereNothingMatches) {
  for (const Sample& sample :
       {Sample{"a cat", {"a dog"}}, Sample{"", {"a dog"}}, Sample{"a dog", {""}}, Sample{"", {""}},
        Sample{"very quickly", {"very quickly"}}}) {
    const SpiceResult result = spice().score(sample);
    EXPECT_EQ(result.f, 0) << sample.hypothesis;
    EXPECT_EQ(result.precision, 0) << sample.hypothesis;
    EXPECT_EQ(result.recall, 0) << sample.hypothesis;
  }
  EXPECT_EQ(spice().score(Sample{"dog", {"dog"}}).f, 1);
}

std::vector<Sample> samples() {
  const std::vector<std::string> captions = {
      "a man riding a horse on a beach",
      "two dogs play with a red ball",
      "a plate of food on the table. a glass stands next to it",
      "",
      "a woman in a blue dress smiles",
      "three kids sit on a couch in front of a tv"};
  std::vector<Sample> made;
  for (std::size_t i = 0; i < 60; ++i) {
    made.push_back({captions[i % 6], {captions[i / 6 % 6], captions[(i + i / 10) % 6]}});
  }
  return made;
}

TEST(SpiceTest, OfACorpusIsTheMean) {
  const Scores scores = spice().score(samples());
  ASSERT_THAT(scores.images, SizeIs(60));
  double sum = 0;
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_EQ(scores.images[i], spice().score(samples()[i]).f);
    sum += scores.images[i];
  }
  EXPECT_DOUBLE_EQ(scores.corpus, sum / 60);
  EXPECT_THAT(scores.statistics, IsEmpty());
  EXPECT_EQ(spice().score(std::vector<Sample>{}).corpus, 0);
}

TEST(SpiceTest, IsTheSameForAnyNumberOfThreads) {
  const int before = base::num_threads();
  base::set_num_threads(1);
  const Scores one = spice().score(samples());
  base::set_num_threads(3);
  const Scores three = spice().score(samples());
  base::set_num_threads(before);
  EXPECT_EQ(one.images, three.images);
  EXPECT_EQ(one.corpus, three.corpus);
}

TEST(SpiceTest, CutsSentencesThatNeverEnd) {
  std::string caption;
  for (int i = 0; i < 450; ++i) caption += "dog" + std::to_string(i) + " ";
  EXPECT_THAT(sentence_lengths(caption), ElementsAre(200, 200, 50));
}

TEST(SpiceTest, TakesInvalidTextAndAnyBytes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  const SpiceResult result = spice().score({bytes, {bytes, "||| \xff\xfe \xc3"}});
  EXPECT_GE(result.f, 0);
  EXPECT_LE(result.f, 1);
}

// Captions as text, parsed with this project's weights: what SPICE's own parser leads to as well.
TEST(SpiceTest, GivesThePublishedScores) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const base::Json known =
      base::read_json(shared::path("reference/metrics/spice_known_answers.json"));
  const auto text = [&](const std::string& id) -> std::string {
    return known.at("sentences").at(id).at("text").string();
  };
  const Spice with_all_synonyms(
      english::Tagger::load(weights()), english::DependencyParser::load(weights()),
      english::Synonyms::from_meteor(shared::path("reference/metrics/meteor-data")));
  for (const base::Json& one : known.at("cases")) {
    const std::string& id = one.at("id").string();  // "good2" is g2 against r21, r22 and r23
    const std::string number(1, id.back());
    Sample sample{text(id.front() + number), {}};
    for (const char* reference : {"1", "2", "3"}) {
      sample.references.push_back(text("r" + number + reference));
    }
    EXPECT_DOUBLE_EQ(with_all_synonyms.score(sample).f, one.at("syn").at("f").get<double>()) << id;
  }
}

}  // namespace
}  // namespace metrics
