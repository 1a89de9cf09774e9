#include "metrics/spice/reference_resolution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/spice/collapse.h"
#include "tests/metrics/spice/trees.h"

namespace metrics::spice {
namespace {

using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;

std::vector<std::string> promoted(const std::string& text) {
  const english::Sentence sentence = tree(text);
  DependencyGraph graph = collapse(sentence);
  promote_quantified_nouns(graph);
  return described(graph);
}

std::vector<std::string> resolved(const std::string& text) {
  const english::Sentence sentence = tree(text);
  DependencyGraph graph = collapse(sentence);
  resolve_pronouns(graph);
  return described(graph);
}

TEST(Quantities, MakeTheNounTheHead) {
  EXPECT_THAT(promoted("A/DT/3/det whole/JJ/3/amod lot/NN/6/nsubj of/IN/5/case cats/NNS/3/nmod "
                       "sleep/VBP/0/root"),
              UnorderedElementsAre("root(sleep)", "nsubj(sleep, cats)", "det:qmod(cats, A)",
                                   "mwe(A, whole)", "mwe(A, lot)", "mwe(A, of)"));
  EXPECT_THAT(promoted("Dozens/NNS/0/root of/IN/3/case cats/NNS/1/nmod"),
              IsSupersetOf({"root(cats)", "det:qmod(cats, Dozens)", "mwe(Dozens, of)"}));
  EXPECT_THAT(promoted("some/DT/0/root of/IN/4/case the/DT/4/det cats/NNS/1/nmod"),
              IsSupersetOf({"root(cats)", "det:qmod(cats, some)", "det(cats, the)"}));
  EXPECT_THAT(promoted("12/CD/0/root of/IN/3/case them/PRP/1/nmod"), Contains("root(them)"));
}

TEST(Quantities, AreNoOtherNouns) {
  EXPECT_THAT(promoted("a/DT/2/det picture/NN/0/root of/IN/4/case cats/NNS/2/nmod"),
              Contains("root(picture)"));
  EXPECT_THAT(promoted("the/DT/2/det lot/NN/0/root of/IN/4/case cats/NNS/2/nmod"),
              Contains("root(lot)"));
  EXPECT_THAT(promoted("some/DT/0/root of/IN/3/case cats/NNS/1/nmod"), Contains("root(some)"));
  EXPECT_THAT(promoted("lots/NNS/0/root near/IN/3/case cats/NNS/1/nmod"), Contains("root(lots)"));
}

TEST(Pronouns, StandForTheFirstNounFromTheRoot) {
  EXPECT_THAT(resolved("man/NN/2/nsubj walks/VBZ/0/root his/PRP$/4/nmod:poss dog/NN/2/dobj"),
              Contains("nmod:poss(dog, man)"));
  EXPECT_THAT(resolved("men/NNS/2/nsubj walk/VBP/0/root their/PRP$/4/nmod:poss dog/NN/2/dobj"),
              Contains("nmod:poss(dog, men)"));
}

TEST(Pronouns, AreNotResolvedWithoutAFittingNounBefore) {
  // A plural noun is none for "his"; "dog" stands behind; the first word is never resolved.
  EXPECT_THAT(resolved("men/NNS/2/nsubj walk/VBP/0/root his/PRP$/4/nmod:poss dog/NN/2/dobj"),
              Contains("nmod:poss(dog, his)"));
  EXPECT_THAT(resolved("It/PRP/2/nsubj chases/VBZ/0/root dog/NN/2/dobj"),
              Contains("nsubj(chases, It)"));
}

TEST(Pronouns, MayDependOnWhatTheyStandFor) {
  EXPECT_THAT(resolved("man/NN/0/root with/IN/4/case his/PRP$/4/nmod:poss himself/PRP/1/nmod"),
              IsSupersetOf({"nmod:with(man, man)", "nmod:poss(man, man)"}));
}

}  // namespace
}  // namespace metrics::spice
