#include "metrics/spice/scene_tuples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/spice/collapse.h"
#include "tests/metrics/gzip_lines.h"
#include "tests/metrics/spice/trees.h"
#include "tests/shared.h"

namespace metrics::spice {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using T = FoundTuple;

std::vector<FoundTuple> found(const std::string& text) {
  const english::Sentence sentence = tree(text);
  return scene_tuples(std::span(&sentence, 1));
}

TEST(SceneTuples, SubjectVerbObject) {
  EXPECT_THAT(found("man/NN/2/nsubj rides/VBZ/0/root/ride horse/NN/2/dobj"),
              ElementsAre(T{"man", "horse", "ride"}, T{"horse"}, T{"man"}));
  EXPECT_THAT(found("man/NN/2/nsubj sits/VBZ/0/root/sit on/IN/4/case horse/NN/2/nmod"),
              Contains(T{"man", "horse", "sit on"}));
  EXPECT_THAT(found("man/NN/2/nsubj picks/VBZ/0/root/pick up/RP/2/compound:prt cup/NN/2/dobj"),
              Contains(T{"man", "cup", "pick up"}));
  EXPECT_THAT(found("he/PRP/2/nsubj rides/VBZ/0/root/ride horse/NN/2/dobj"),
              ElementsAre(T{"horse"}));
}

TEST(SceneTuples, Participles) {
  EXPECT_THAT(found("cat/NN/0/root sitting/VBG/1/acl/sit in/IN/4/case chair/NN/2/nmod"),
              ElementsAre(T{"cat", "chair", "sit in"}, T{"cat"}, T{"chair"}));
  EXPECT_THAT(found("cat/NN/0/root sleeping/VBG/1/acl/sleep"), ElementsAre(T{"cat"}));
}

TEST(SceneTuples, SubjectsWithoutObjectAndCopulas) {
  EXPECT_THAT(found("woman/NN/2/nsubj smiles/VBZ/0/root/smile"),
              ElementsAre(T{"woman", "smile"}, T{"woman"}));
  EXPECT_THAT(found("man/NN/3/nsubj is/VBZ/3/cop/be rider/NN/0/root"),
              ElementsAre(T{"man", "rider"}, T{"rider"}, T{"man"}));
  EXPECT_THAT(found("man/NN/5/nsubj is/VBZ/5/cop/be next/JJ/5/case to/TO/3/mwe car/NN/0/root"),
              Contains(T{"man", "car", "next to"}));
  EXPECT_THAT(found("there/EX/2/expl is/VBZ/0/root/be man/NN/2/nsubj"), ElementsAre(T{"man"}));
}

TEST(SceneTuples, Adjectives) {
  EXPECT_THAT(found("smart/JJ/2/amod woman/NN/0/root"),
              ElementsAre(T{"woman", "smart"}, T{"woman"}));
  // Twice: as a copula and as an adjective with a subject.
  EXPECT_THAT(found("man/NN/3/nsubj is/VBZ/3/cop/be tall/JJ/0/root"),
              ElementsAre(T{"man", "tall"}, T{"man", "tall"}, T{"man"}));
}

TEST(SceneTuples, PrepositionsAndPossession) {
  EXPECT_THAT(found("cup/NN/0/root on/IN/3/case table/NN/1/nmod"),
              ElementsAre(T{"cup", "table", "on"}, T{"cup"}, T{"table"}));
  EXPECT_THAT(found("man/NN/3/nmod:poss 's/POS/1/case watch/NN/0/root"),
              ElementsAre(T{"man", "watch", "have"}, T{"watch"}, T{"man"}));
  EXPECT_THAT(found("man/NN/2/nsubj reads/VBZ/0/root/read his/PRP$/4/nmod:poss book/NN/2/dobj"),
              Contains(T{"man", "book", "have"}));
}

TEST(SceneTuples, Agents) {
  EXPECT_THAT(found("horse/NN/3/nsubjpass is/VBZ/3/auxpass/be ridden/VBN/0/root/ride by/IN/5/case "
                    "man/NN/3/nmod"),
              ElementsAre(T{"man", "horse", "ride"}, T{"man"}, T{"horse"}));
  EXPECT_THAT(found("horse/NN/3/nsubjpass is/VBZ/3/auxpass/be ridden/VBN/0/root/ride"),
              ElementsAre(T{"horse"}));
}

TEST(SceneTuples, Numbers) {
  EXPECT_THAT(found("two/CD/2/nummod cats/NNS/0/root/cat"), ElementsAre(T{"cat", "two"}, T{"cat"}));
  EXPECT_THAT(found("numbers/NNS/0/root/number 5/CD/1/nummod"), ElementsAre(T{"number"}));
  EXPECT_THAT(found("one/CD/2/nummod cat/NN/0/root"), ElementsAre(T{"cat"}));
  EXPECT_THAT(found("two/CD/2/nummod cats/NNS/3/nsubj/cat chase/VBP/0/root six/CD/5/nummod "
                    "mice/NNS/3/dobj/mouse"),
              ElementsAre(T{"cat", "mouse", "chase"}, T{"cat", "two"}, T{"mouse", "six"},
                          T{"mouse"}, T{"cat"}));
  EXPECT_THAT(found("a/DT/2/det lot/NN/0/root of/IN/4/case cats/NNS/2/nmod/cat"),
              ElementsAre(T{"cat", "a"}, T{"cat"}, T{"lot"}));
}

TEST(SceneTuples, CompoundsAreAttributesAndNoObjects) {
  EXPECT_THAT(found("tennis/NN/2/compound racket/NN/0/root"), ElementsAre(T{"racket", "tennis"}));
}

TEST(SceneTuples, LemmasInLowerCaseButNotPrepositions) {
  EXPECT_THAT(found("Zo\u00c9/NNP/4/nsubj is/VBZ/4/cop/be IN/IN/4/case Rome/NNP/0/root"),
              ElementsAre(T{"zo\u00e9", "rome", "IN"}, T{"rome"}, T{"zo\u00e9"}));
}

TEST(SceneTuples, OfAllSentencesInTheirOrder) {
  const std::vector<english::Sentence> sentences = {
      tree("cat/NN/0/root"), {}, tree("dog/NN/0/root")};
  EXPECT_THAT(scene_tuples(sentences), ElementsAre(T{"cat"}, T{"dog"}));
  EXPECT_THAT(scene_tuples({}), IsEmpty());
}

TEST(SceneTuples, AreThoseOfSpice) {
  const std::vector<base::Json> lines = golden_lines("spice_tuples.jsonl");
  ASSERT_GE(lines.size(), 300);
  for (const base::Json& line : lines) {
    const english::Sentence sentence = json_tree(line);
    EXPECT_EQ(scene_tuples(std::span(&sentence, 1)), line.at("tuples").get<std::vector<T>>())
        << line.at("id");
  }
}

TEST(SceneTuples, OfATreebankAreThoseOfSpice) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  // CoreNLP knows these relations as "dep" only.
  const auto known = [](const std::string& relation) {
    for (const char* other : {"name", "reparandum", "vocative", "dislocated", "remnant"}) {
      if (relation == other) return std::string("dep");
    }
    return relation;
  };
  int sentences = 0, same_graphs = 0, same_tuples = 0, same_order = 0;
  for (const std::string& text :
       gzip_lines(shared::path("reference/metrics/spice_rules_ewt_dev.jsonl.gz"))) {
    const base::Json line = base::parse_json(text, "spice_rules_ewt_dev.jsonl");
    english::Sentence sentence = json_tree(line);
    for (english::Word& word : sentence) word.relation = known(word.relation);
    ++sentences;
    std::vector<NumberedEdge> graph = numbered(collapse(sentence));
    for (auto& [governor, relation, dependent] : graph) {  // it does not tell copies apart
      governor = std::abs(governor);
      dependent = std::abs(dependent);
    }
    std::sort(graph.begin(), graph.end());
    same_graphs += graph == numbered(line.at("cc"));
    std::vector<T> tuples = scene_tuples(std::span(&sentence, 1));
    auto expected = line.at("tuples").get<std::vector<T>>();
    same_order += tuples == expected;
    std::sort(tuples.begin(), tuples.end());
    std::sort(expected.begin(), expected.end());
    same_tuples += tuples == expected;
  }
  EXPECT_EQ(sentences, 2001);
  // The order of rules depends on the hash codes of words. Those of the reference, other than here
  // and in CoreNLP for the first sentence of a text, start from some number. Where two prepositions
  // or conjunctions stand at one word, the order says which of them names a relation.
  EXPECT_EQ(same_graphs, 1986);
  EXPECT_EQ(same_tuples, 2000);
  EXPECT_EQ(same_order, 1605);
}

}  // namespace
}  // namespace metrics::spice
