#include "metrics/spice/collapse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/metrics/spice/trees.h"

namespace metrics::spice {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;

std::vector<std::string> collapsed(const std::string& text) {
  const english::Sentence sentence = tree(text);
  return described(collapse(sentence));
}

TEST(Collapse, PutsPrepositionsIntoRelations) {
  EXPECT_THAT(collapsed("cups/NNS/0/root On/IN/3/case tables/NNS/1/nmod"),
              UnorderedElementsAre("root(cups)", "nmod:on(cups, tables)", "case(tables, On)"));
}

TEST(Collapse, NamesTheAgentOfAPassiveAndCorrectsItsSubject) {
  EXPECT_THAT(
      collapsed("cups/NNS/3/nsubj are/VBP/3/auxpass held/VBN/0/root by/IN/5/case men/NNS/3/nmod"),
      IsSupersetOf({"nsubjpass(held, cups)", "nmod:agent(held, men)"}));
  EXPECT_THAT(collapsed("cups/NNS/0/root held/VBN/1/acl by/IN/4/case men/NNS/2/nmod"),
              Contains("nmod:by(held, men)"));
}

TEST(Collapse, JoinsPrepositionsOfSeveralWords) {
  EXPECT_THAT(collapsed("cats/NNS/0/root next/JJ/4/case to/TO/4/case walls/NNS/1/nmod"),
              UnorderedElementsAre("root(cats)", "nmod:next_to(cats, walls)", "case(walls, next)",
                                   "mwe(next, to)"));
  EXPECT_THAT(collapsed("sits/VBZ/0/root close/RB/1/advmod to/TO/4/case walls/NNS/2/nmod"),
              UnorderedElementsAre("root(sits)", "nmod:close_to(sits, walls)", "case(walls, close)",
                                   "mwe(close, to)"));
  EXPECT_THAT(
      collapsed("cats/NNS/0/root in/IN/3/case front/NN/1/nmod of/IN/5/case walls/NNS/3/nmod"),
      UnorderedElementsAre("root(cats)", "nmod:in_front_of(cats, walls)", "case(walls, in)",
                           "mwe(in, front)", "mwe(in, of)"));
}

TEST(Collapse, LeavesWordsThatOnlyLookLikeAPreposition) {
  EXPECT_THAT(collapsed("next/JJ/2/amod to/TO/0/root"), Contains("amod(to, next)"));
  EXPECT_THAT(collapsed("cats/NNS/0/root depending/VBG/4/case on/IN/4/case walls/NNS/1/nmod"),
              Contains("case(walls, depending)"));
}

TEST(Collapse, MovesTheRootOutOfAPreposition) {
  EXPECT_THAT(collapsed("close/JJ/0/root to/TO/3/case walls/NNS/1/nmod"),
              UnorderedElementsAre("root(walls)", "case(walls, close)", "mwe(close, to)"));
  EXPECT_THAT(
      collapsed("in/IN/2/case front/NN/0/root of/IN/4/case walls/NNS/2/nmod"),
      UnorderedElementsAre("root(walls)", "case(walls, in)", "mwe(in, front)", "mwe(in, of)"));
}

TEST(Collapse, NamesConjunctions) {
  EXPECT_THAT(collapsed("cats/NNS/0/root and/CC/1/cc dogs/NNS/1/conj"),
              UnorderedElementsAre("root(cats)", "cc(cats, and)", "conj:and(cats, dogs)"));
  EXPECT_THAT(collapsed("cats/NNS/0/root but/CC/1/cc not/RB/1/cc dogs/NNS/1/conj"),
              Contains("conj:negcc(cats, dogs)"));
  EXPECT_THAT(collapsed("cats/NNS/0/root as/RB/1/cc well/RB/2/mwe as/IN/2/mwe dogs/NNS/1/conj"),
              Contains("conj:and(cats, dogs)"));
}

TEST(Collapse, SharesSubjectsAndGovernorsAmongConjuncts) {
  EXPECT_THAT(collapsed("cats/NNS/4/nsubj and/CC/1/cc dogs/NNS/1/conj sleep/VBP/0/root"),
              IsSupersetOf({"nsubj(sleep, cats)", "nsubj(sleep, dogs)"}));
  EXPECT_THAT(collapsed("cats/NNS/2/nsubj sit/VBP/0/root and/CC/2/cc purr/VBP/2/conj"),
              IsSupersetOf({"nsubj(sit, cats)", "nsubj(purr, cats)"}));
  EXPECT_THAT(collapsed("cats/NNS/3/nsubjpass are/VBP/3/auxpass fed/VBN/0/root and/CC/3/cc "
                        "purr/VBP/3/conj"),
              Contains("nsubj(purr, cats)"));
  EXPECT_THAT(collapsed("cats/NNS/2/nsubj sit/VBP/0/root and/CC/2/cc are/VBP/5/auxpass "
                        "fed/VBN/2/conj"),
              Contains("nsubjpass(fed, cats)"));
}

TEST(Collapse, CopiesAVerbForJoinedPrepositions) {
  EXPECT_THAT(collapsed("flies/VBZ/0/root to/TO/3/case Paris/NNP/1/nmod and/CC/3/cc from/IN/6/case "
                        "Rome/NNP/3/conj"),
              UnorderedElementsAre("root(flies)", "nmod:to(flies, Paris)", "case(Paris, to)",
                                   "cc(flies, and)", "conj:and(flies, flies')",
                                   "nmod:from(flies', Rome)", "case(Rome, from)"));
  EXPECT_THAT(collapsed("flies/VBZ/0/root to/TO/5/case and/CC/2/cc from/IN/2/conj Rome/NNP/1/nmod"),
              IsSupersetOf({"nmod:to(flies, Rome)", "conj:and(flies, flies')",
                            "nmod:from(flies', Rome)", "conj:and(to, from)"}));
}

TEST(Collapse, BoundsWhatAnAbsurdTreeAsksFor) {
  // Each combination of a preposition, a conjunction and a conjunct would copy the verb.
  english::Sentence sentence = tree("flies/VBZ/0/root Paris/NNP/1/nmod");
  for (int i = 0; i < 45; ++i) {
    for (const char* relation : {"case", "cc", "conj"}) {
      sentence.push_back({"to", "TO", "to", 2, relation});
    }
    sentence.push_back({"to", "TO", "to", static_cast<int>(sentence.size()), "case"});
  }
  EXPECT_EQ(collapse(sentence).size(), 1000);
}

TEST(Collapse, TakesAnEmptySentenceAndASingleWord) {
  EXPECT_THAT(collapsed(""), IsEmpty());
  EXPECT_THAT(collapsed("cats/NNS/0/root"), UnorderedElementsAre("root(cats)"));
}

TEST(Collapse, MakesTheGraphsOfCoreNlp) {
  const std::vector<base::Json> lines = golden_lines("spice_tuples.jsonl");
  ASSERT_GE(lines.size(), 300);
  for (const base::Json& line : lines) {
    const english::Sentence sentence = json_tree(line);
    EXPECT_EQ(numbered(collapse(sentence)), numbered(line.at("graph"))) << line.at("id");
  }
}

}  // namespace
}  // namespace metrics::spice
