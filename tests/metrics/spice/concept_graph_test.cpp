#include "metrics/spice/concept_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "metrics/spice/collapse.h"
#include "metrics/spice/scene_tuples.h"
#include "tests/growth.h"
#include "tests/metrics/spice/trees.h"
#include "tests/shared.h"

namespace metrics::spice {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;
using Words = std::vector<std::string>;

/// "couch", "settee" and "sofa" share a synset; so do "kid" and "child", "trot" and "jog".
english::Synonyms own_synonyms() {
  return english::Synonyms::from_meteor(std::string(BLIP_SOURCE_DIR) +
                                        "/tests/metrics/golden/meteor_lists");
}

ConceptGraph graph(const english::Synonyms* synonyms, const std::vector<FoundTuple>& tuples) {
  ConceptGraph made(synonyms);
  for (const FoundTuple& tuple : tuples) made.add(tuple);
  return made;
}

/// How many tuples of the hypothesis match, and how many both sides have.
std::vector<long> counts(const ConceptGraph& hypothesis, const ConceptGraph& references) {
  const GraphMatch matched = match(hypothesis, references);
  EXPECT_EQ(matched.hypothesis.size(), hypothesis.size());
  EXPECT_EQ(matched.references.size(), references.size());
  return {std::count(matched.hypothesis.begin(), matched.hypothesis.end(), true),
          static_cast<long>(hypothesis.size()), static_cast<long>(references.size())};
}

TEST(ConceptGraph, MergesObjectsThatMeanTheSame) {
  const english::Synonyms synonyms = own_synonyms();
  const ConceptGraph merged = graph(&synonyms, {{"sofa"}, {"man"}, {"couch", "big"}, {"sofa"}});
  ASSERT_EQ(merged.objects().size(), 2);
  EXPECT_EQ(merged.objects()[0].name.words, (Words{"couch", "sofa"}));
  EXPECT_EQ(merged.objects()[0].attributes[0].words, Words{"big"});
  EXPECT_EQ(merged.size(), 3);
  EXPECT_EQ(graph(nullptr, {{"sofa"}, {"couch"}}).objects().size(), 2);
}

TEST(ConceptGraph, MergesAttributesOfOneObjectOnly) {
  const english::Synonyms synonyms = own_synonyms();
  const ConceptGraph merged =
      graph(&synonyms, {{"man", "big"}, {"man", "large"}, {"dog", "large"}, {"man", "big"}});
  ASSERT_EQ(merged.objects().size(), 2);
  ASSERT_EQ(merged.objects()[0].attributes.size(), 1);
  EXPECT_EQ(merged.objects()[0].attributes[0].words, (Words{"big", "large"}));
  EXPECT_EQ(merged.objects()[1].attributes[0].words, Words{"large"});
}

TEST(ConceptGraph, MergesRelationsBetweenTheSameObjects) {
  const english::Synonyms synonyms = own_synonyms();
  const ConceptGraph merged = graph(&synonyms, {{"man", "dog", "be in"},
                                                {"man", "dog", "in"},
                                                {"dog", "man", "in"},
                                                {"man", "dog", "trot"},
                                                {"man", "dog", "jog"}});
  ASSERT_EQ(merged.relations().size(), 3);
  EXPECT_EQ(merged.relations()[0].name.words, Words{"in"});
  EXPECT_EQ(merged.relations()[2].name.words, (Words{"jog", "trot"}));
}

TEST(ConceptGraph, LooksPhrasesUpWithUnderscores) {
  const english::Synonyms synonyms = own_synonyms();
  EXPECT_EQ(graph(&synonyms, {{"man"}, {"Adult man"}, {"adult male"}}).objects().size(), 2);
}

TEST(Match, CountsTuplesOfTheHypothesis) {
  const english::Synonyms synonyms = own_synonyms();
  const ConceptGraph hypothesis = graph(&synonyms, {{"kid", "sofa", "on"}, {"kid", "happy"}});
  const ConceptGraph references =
      graph(&synonyms, {{"child", "glad"}, {"child", "couch", "on"}, {"dog"}});
  const GraphMatch matched = match(hypothesis, references);
  // Objects with their attributes, then relations.
  EXPECT_THAT(matched.hypothesis, ElementsAre(true, true, true, true));
  EXPECT_THAT(matched.references, ElementsAre(true, true, true, false, true));
  EXPECT_THAT(counts(graph(nullptr, {{"kid"}}), graph(nullptr, {{"child"}})), ElementsAre(0, 1, 1));
}

TEST(Match, TakesEmptyGraphs) {
  EXPECT_THAT(counts(ConceptGraph(nullptr), ConceptGraph(nullptr)), ElementsAre(0, 0, 0));
  EXPECT_THAT(counts(graph(nullptr, {{"a"}}), ConceptGraph(nullptr)), ElementsAre(0, 1, 0));
}

TEST(Match, CountsAsSpiceDoes) {
  const english::Synonyms synonyms = own_synonyms();
  const std::vector<base::Json> cases = golden_lines("spice_graphs.jsonl");
  ASSERT_GE(cases.size(), 100);
  for (const base::Json& one : cases) {
    const auto hypothesis = one.at("hypothesis").get<std::vector<FoundTuple>>();
    const auto references = one.at("references").get<std::vector<FoundTuple>>();
    EXPECT_EQ(counts(graph(&synonyms, hypothesis), graph(&synonyms, references)),
              one.at("synonyms").get<std::vector<long>>())
        << one.dump();
    EXPECT_EQ(counts(graph(nullptr, hypothesis), graph(nullptr, references)),
              one.at("words").get<std::vector<long>>())
        << one.dump();
  }
}

/// {"tp": .., "fp": .., "fn": ..}
std::vector<long> expected_counts(const base::Json& answer) {
  const auto matched = answer.at("tp").get<long>();
  return {matched, matched + answer.at("fp").get<long>(), matched + answer.at("fn").get<long>()};
}

TEST(Match, CountsAsSpiceDoesWithAllSynonyms) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const auto synonyms =
      english::Synonyms::from_meteor(shared::path("reference/metrics/meteor-data"));
  int checked = 0;
  for (const base::Json& one :
       base::read_json(shared::path("reference/metrics/spice_graph_cases.json"))) {
    const auto hypothesis = one.at("hyp").get<std::vector<FoundTuple>>();
    const auto references = one.at("refs").get<std::vector<FoundTuple>>();
    for (const bool with : {true, false}) {
      const std::string name = with ? "syn" : "exact";
      if (!one.at(name + "_stable").get<bool>()) continue;
      const english::Synonyms* used = with ? &synonyms : nullptr;
      EXPECT_EQ(counts(graph(used, hypothesis), graph(used, references)),
                expected_counts(one.at(name)))
          << one.at("id") << " " << name;
      ++checked;
    }
  }
  EXPECT_EQ(checked, 2000);
}

TEST(Match, GivesTheKnownAnswers) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const auto synonyms =
      english::Synonyms::from_meteor(shared::path("reference/metrics/meteor-data"));
  const base::Json known =
      base::read_json(shared::path("reference/metrics/spice_known_answers.json"));
  const auto tuples_of = [&](const std::string& id) {
    const base::Json& entry = known.at("sentences").at(id);
    const english::Sentence sentence = json_tree(entry);
    EXPECT_EQ(numbered(collapse(sentence)), numbered(entry.at("cc"))) << id;
    const std::vector<FoundTuple> found = scene_tuples(std::span(&sentence, 1));
    EXPECT_THAT(found, UnorderedElementsAreArray(entry.at("tuples").get<std::vector<FoundTuple>>()))
        << id;
    return found;
  };
  for (const base::Json& one : known.at("cases")) {
    // "good2" is g2 against r21, r22 and r23.
    const std::string& id = one.at("id").string();
    const std::string number(1, id.back());
    std::vector<FoundTuple> references;
    for (const char* reference : {"1", "2", "3"}) {
      const auto more = tuples_of("r" + number + reference);
      references.insert(references.end(), more.begin(), more.end());
    }
    const std::vector<FoundTuple> hypothesis = tuples_of(id.front() + number);
    for (const bool with : {true, false}) {
      const english::Synonyms* used = with ? &synonyms : nullptr;
      EXPECT_EQ(counts(graph(used, hypothesis), graph(used, references)),
                expected_counts(one.at(with ? "syn" : "exact")))
          << id;
    }
  }
}

TEST(ConceptGraph, OfManyTuplesTakesLinearTime) {
  const auto compare = [](std::size_t size) {
    ConceptGraph large(nullptr);
    for (std::size_t i = 0; i < size; ++i) {
      const std::string word = "word" + std::to_string(i);
      large.add({word});
      large.add({"cat", word});
      large.add({"cat", "dog", word});
    }
    EXPECT_EQ(large.size(), 3 * size + 2);
    EXPECT_THAT(counts(large, large), ElementsAre(3 * size + 2, 3 * size + 2, 3 * size + 2));
  };
  EXPECT_LT(growth::of_fourfold(compare, 500), growth::kLinear);
}

}  // namespace
}  // namespace metrics::spice
