#include "metrics/english/morphology.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>

#include "metrics/english/irregular_forms.h"
#include "tests/growth.h"
#include "tests/metrics/gzip_lines.h"
#include "tests/shared.h"

namespace metrics::english {
namespace {

/// Word, tag, lemma.
std::array<std::string, 3> columns(const std::string& line) {
  const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
  return {line.substr(0, first), line.substr(first + 1, second - first - 1),
          line.substr(second + 1)};
}

TEST(Lemma, FollowsTheTag) {
  EXPECT_EQ(lemma("lying", "VBG"), "lie");
  EXPECT_EQ(lemma("lying", "JJ"), "lying");
  EXPECT_EQ(lemma("leaves", "NNS"), "leaf");
  EXPECT_EQ(lemma("leaves", "VBZ"), "leave");
  EXPECT_EQ(lemma("found", "VBD"), "find");
  EXPECT_EQ(lemma("Running", "VBG"), "run");
  EXPECT_EQ(lemma("Bigger", "JJR"), "bigger");
  EXPECT_EQ(lemma("New", "NNP"), "New");
  EXPECT_EQ(lemma("Beatles", "NNPS"), "Beatles");
}

TEST(Lemma, TakesABareNounTagForASingular) {
  EXPECT_EQ(lemma("dogs", "NN"), "dogs");
}

TEST(Lemma, KnowsWordsThatATagDecides) {
  EXPECT_EQ(lemma("'s", "VBZ"), "be");
  EXPECT_EQ(lemma("'s", "POS"), "'s");
  EXPECT_EQ(lemma("'d", "MD"), "would");
  EXPECT_EQ(lemma("'d", "VBD"), "have");
  EXPECT_EQ(lemma("N'T", "RB"), "not");
  EXPECT_EQ(lemma("them", "PRP"), "they");
  EXPECT_EQ(lemma("I", "PRP"), "I");
  EXPECT_EQ(lemma("An", "DT"), "a");
}

TEST(Lemma, ChangesOnlyWhatFollowsTheLastHyphen) {
  EXPECT_EQ(lemma("t-shirts", "NNS"), "t-shirt");
  EXPECT_EQ(lemma("dogs-women", "NNS"), "dogs-woman");
  EXPECT_EQ(lemma("runners-up", "NNS"), "runner-up");
  EXPECT_EQ(lemma("co-passers-by", "NNS"), "co-passer-by");
  // The original then goes on with the tag.
  EXPECT_EQ(lemma("Pre-", "VB"), "pre-_VB");
  EXPECT_EQ(lemma("--", "NNS"), "--_NNS");
  EXPECT_EQ(lemma("--", "NFP"), "--");
}

TEST(Lemma, PutsOtherLettersInLowerCaseAndNoMore) {
  EXPECT_EQ(lemma("\u00c9clairs", "NNS"), "\u00e9clairs");
  EXPECT_EQ(lemma("and/ors", "NNS"), "and/ors");
  EXPECT_EQ(lemma("caf\u00e9-goers", "NNS"), "caf\u00e9-goer");
  EXPECT_EQ(lemma("", "NNS"), "");
}

TEST(Lemma, TakesTimeLinearInTheWord) {
  const auto of_letters = [](std::size_t size) {
    const std::string letters(size, 'b');
    EXPECT_EQ(lemma(letters + "s", "NNS"), letters);
    EXPECT_EQ(lemma(letters + "ing", "VBG"), letters + "ing");
  };
  const auto of_prefixes = [](std::size_t size) {  // a careless search tries them in every way
    std::string prefixes;
    for (std::size_t i = 0; i < size; ++i) prefixes += "re";
    EXPECT_EQ(lemma(prefixes + "bbored", "VBD"), prefixes + "bbore");
  };
  const auto of_hyphens = [](std::size_t size) {
    EXPECT_EQ(lemma(std::string(size, '-'), "VB"), std::string(size, '-') + "_VB");
  };
  EXPECT_LT(growth::of_fourfold(of_letters, 250'000), growth::kLinear);
  EXPECT_LT(growth::of_fourfold(of_prefixes, 100'000), growth::kLinear);
  EXPECT_LT(growth::of_fourfold(of_hyphens, 250'000), growth::kLinear);
}

TEST(Lemma, EqualsTheOriginalOnWordsOfOurOwn) {
  std::ifstream file(std::string(BLIP_SOURCE_DIR) + "/tests/metrics/golden/lemmas.tsv");
  int words = 0;
  for (std::string line; std::getline(file, line); ++words) {
    const auto [word, tag, expected] = columns(line);
    EXPECT_EQ(lemma(word, tag), expected) << word << ' ' << tag;
  }
  EXPECT_EQ(words, 550);
}

TEST(Lemma, EqualsTheReference) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  int words = 0;
  for (const std::string& line :
       gzip_lines(shared::path("reference/metrics/lemmas_morpha360.tsv.gz"))) {
    const auto [word, tag, expected] = columns(line);
    EXPECT_EQ(lemma(word, tag), expected) << word << ' ' << tag;
    ++words;
  }
  EXPECT_EQ(words, 26'905);
}

TEST(IrregularForms, CanBeSearched) {
  const auto not_before = [](const IrregularForm& a, const IrregularForm& b) {
    return a.form >= b.form;
  };
  for (const auto forms : {irregular_nouns(), irregular_verbs()}) {
    EXPECT_EQ(std::adjacent_find(forms.begin(), forms.end(), not_before), forms.end());
    for (const IrregularForm& irregular : forms) EXPECT_FALSE(irregular.lemma.empty());
  }
  const auto verbs = doubling_verbs();
  EXPECT_EQ(std::adjacent_find(verbs.begin(), verbs.end(), std::greater_equal<>()), verbs.end());
}

TEST(IrregularForms, AreAllFound) {
  for (const IrregularForm& noun : irregular_nouns())
    EXPECT_EQ(lemma(noun.form, "NNS"), noun.lemma);
  for (const IrregularForm& verb : irregular_verbs()) {
    EXPECT_EQ(lemma(verb.form, "VBN"), verb.lemma);
  }
}

}  // namespace
}  // namespace metrics::english
