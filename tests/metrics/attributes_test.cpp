#include "metrics/attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "metrics/english/tagger.h"
#include "metrics/english/tagger_training.h"
#include "tests/growth.h"

namespace {

using metrics::AttributeRule;
using metrics::CategoryWord;
using metrics::english::Sentence;
using testing::ElementsAre;

constexpr auto kCorrected = AttributeRule::kCorrected;
constexpr auto kLiteral = AttributeRule::kLiteral;

Sentence tagged(const std::vector<std::pair<std::string, std::string>>& words) {
  Sentence sentence;
  for (const auto& [form, tag] : words) {
    sentence.emplace_back();
    sentence.back().form = form;
    sentence.back().tag = tag;
  }
  return sentence;
}

double als_of(const Sentence& caption, const std::vector<std::string>& attributes,
              AttributeRule rule) {
  return metrics::als(caption, attributes, rule);
}

const Sentence kCaption = tagged({{"A", "DT"},
                                  {"silky", "JJ"},
                                  {"Red", "JJ"},
                                  {"dress", "NN"},
                                  {"with", "IN"},
                                  {"long", "JJ"},
                                  {"sleeves", "NNS"},
                                  {"flows", "VBZ"},
                                  {"in", "IN"},
                                  {"Paris", "NNP"}});

const std::vector<CategoryWord> kCategories = {{"shirt", "11"},  {"t-shirt", "15"},
                                               {"dress", "4"},   {"shirt dress", "5"},
                                               {"shorts", "13"}, {"shoes", "12"}};

std::string category_of(const Sentence& caption, AttributeRule rule) {
  return metrics::category(caption, kCategories, rule);
}

TEST(RejoinHyphens, UndoesWhatABertTokenizerDoes) {
  const auto rejoined = [](const std::vector<std::string>& words) {
    return metrics::rejoin_hyphens(words);
  };
  EXPECT_THAT(rejoined({"a", "t", "-", "shirt"}), ElementsAre("a", "t-shirt"));
  EXPECT_THAT(rejoined({"off", "-", "the", "-", "shoulder", "top"}),
              ElementsAre("off-the-shoulder", "top"));
  EXPECT_THAT(rejoined({"t-shirt", "3", "-", "pack"}), ElementsAre("t-shirt", "3-pack"));
  EXPECT_THAT(rejoined({"d\xC3\xA9j\xC3\xA0", "-", "\xC3\xA0"}),
              ElementsAre("d\xC3\xA9j\xC3\xA0-\xC3\xA0"));
}

TEST(RejoinHyphens, LeavesOtherHyphens) {
  const auto rejoined = [](const std::vector<std::string>& words) {
    return metrics::rejoin_hyphens(words);
  };
  EXPECT_THAT(rejoined({"-", "a", "-"}), ElementsAre("-", "a", "-"));
  EXPECT_THAT(rejoined({"a", "-", "-", "b"}), ElementsAre("a", "-", "-", "b"));
  EXPECT_THAT(rejoined({"a", ",", "-", "b"}), ElementsAre("a", ",", "-", "b"));
  EXPECT_THAT(rejoined({}), ElementsAre());
}

TEST(Als, IsTheShareOfTheAttributesThatAreNamed) {
  for (const AttributeRule rule : {kCorrected, kLiteral}) {
    EXPECT_DOUBLE_EQ(als_of(kCaption, {"silky", "cotton"}, rule), 0.5);
    EXPECT_DOUBLE_EQ(als_of(kCaption, {"silky", "dress", "cotton", "nah", "nah"}, rule), 2.0 / 3);
    EXPECT_EQ(als_of(kCaption, {"nah"}, rule), 0);
    EXPECT_EQ(als_of(kCaption, {}, rule), 0);
    EXPECT_EQ(als_of({}, {"silky"}, rule), 0);
  }
}

TEST(Als, LooksAtNounsAndAdjectivesAlone) {
  for (const AttributeRule rule : {kCorrected, kLiteral}) {
    EXPECT_EQ(als_of(kCaption, {"flows", "with", "Paris"}, rule), 0);
  }
}

TEST(Als, ComparesLemmasInLowerCaseUnlessLiteral) {
  EXPECT_EQ(als_of(kCaption, {"red"}, kCorrected), 1);
  EXPECT_EQ(als_of(kCaption, {"red"}, kLiteral), 0);
  EXPECT_EQ(als_of(kCaption, {"sleeve"}, kCorrected), 1);
  EXPECT_EQ(als_of(kCaption, {"sleeve"}, kLiteral), 0);
  EXPECT_EQ(als_of(kCaption, {"Red", "sleeves"}, kLiteral), 1);
}

TEST(Als, CountsARepeatedAttributeOnceUnlessLiteral) {
  EXPECT_DOUBLE_EQ(als_of(kCaption, {"silky", "Silky", "silky", "wool"}, kCorrected), 1.0 / 2);
  EXPECT_DOUBLE_EQ(als_of(kCaption, {"silky", "silky", "wool"}, kLiteral), 1.0 / 3);
}

TEST(Als, FindsAttributesOfSeveralWords) {
  EXPECT_EQ(als_of(kCaption, {"long sleeve"}, kCorrected), 1);
  EXPECT_EQ(als_of(kCaption, {"sleeve long"}, kCorrected), 0);
  EXPECT_EQ(als_of(kCaption, {"sleeves flows"}, kCorrected), 0);  // ends in a verb
}

TEST(Als, FindsAHyphenatedAttributeWhicheverWayItIsWritten) {
  const Sentence caption = tagged({{"a", "DT"}, {"v-neck", "JJ"}, {"top", "NN"}});
  EXPECT_EQ(als_of(caption, {"v-neck"}, kCorrected), 1);
  EXPECT_EQ(als_of(caption, {"v - neck"}, kCorrected), 1);
}

TEST(Category, FallsIntoTheHyphenTrapOnlyIfLiteral) {
  // What BERT's decoder makes of "t-shirt".
  const Sentence cut = tagged({{"a", "DT"}, {"t", "NN"}, {"-", "HYPH"}, {"shirt", "NN"}});
  EXPECT_EQ(category_of(cut, kLiteral), "11");
  const Sentence whole = tagged({{"a", "DT"}, {"t-shirt", "NN"}});
  EXPECT_EQ(category_of(whole, kCorrected), "15");
  EXPECT_EQ(category_of(whole, kLiteral), "15");
}

TEST(Category, IsTheLongestPhraseUnlessLiteral) {
  const Sentence caption = tagged({{"a", "DT"}, {"shirt", "NN"}, {"dress", "NN"}});
  EXPECT_EQ(category_of(caption, kCorrected), "5");
  EXPECT_EQ(category_of(caption, kLiteral), "11");  // the first entry that is found
}

TEST(Category, OfEquallyLongPhrasesIsTheFirstOfTheCaption) {
  const Sentence caption =
      tagged({{"a", "DT"}, {"dress", "NN"}, {"over", "IN"}, {"a", "DT"}, {"shirt", "NN"}});
  EXPECT_EQ(category_of(caption, kCorrected), "4");
  EXPECT_EQ(category_of(caption, kLiteral), "11");  // the first of the word map
}

TEST(Category, IsFoundInOtherInflections) {
  const Sentence dresses = tagged({{"Two", "CD"}, {"Dresses", "NNS"}});
  EXPECT_EQ(category_of(dresses, kCorrected), "4");
  EXPECT_EQ(category_of(dresses, kLiteral), "");
  // But "short" is no pair of shorts.
  const Sentence dress = tagged({{"a", "DT"}, {"short", "JJ"}, {"dress", "NN"}});
  EXPECT_EQ(category_of(dress, kCorrected), "4");
  const Sentence shoe = tagged({{"a", "DT"}, {"shoe", "NN"}});
  EXPECT_EQ(category_of(shoe, kCorrected), "12");
  EXPECT_EQ(category_of(shoe, kLiteral), "");
}

TEST(Category, MayBeAbsent) {
  for (const AttributeRule rule : {kCorrected, kLiteral}) {
    EXPECT_EQ(category_of(tagged({{"a", "DT"}, {"kettle", "NN"}}), rule), "");
    EXPECT_EQ(category_of({}, rule), "");
    // Part of a word is not the word.
    EXPECT_EQ(category_of(tagged({{"sundress", "NN"}}), rule), "");
  }
}

metrics::english::Tagger small_tagger() {
  const std::vector<Sentence> sentences = {
      tagged({{"a", "DT"}, {"blue", "JJ"}, {"shirt", "NN"}}),
      tagged({{"a", "DT"}, {"red", "JJ"}, {"t-shirt", "NN"}}),
      tagged({{"a", "DT"}, {"t", "NN"}, {"-", "HYPH"}, {"shirt", "NN"}}),
      tagged({{"the", "DT"}, {"shirts", "NNS"}, {"are", "VBP"}, {"soft", "JJ"}, {".", "."}}),
      tagged({{"a", "DT"}, {"dress", "NN"}, {",", ","}, {"with", "IN"}, {"sleeves", "NNS"}}),
  };
  metrics::english::TaggerTraining options;
  options.rows = 1 << 12;
  return metrics::english::train_tagger(sentences, options);
}

TEST(AttributeScorer, TakesCaptionsAsTheyWereDecoded) {
  const metrics::AttributeScorer corrected(small_tagger(), kCategories, kCorrected);
  const metrics::AttributeScorer literal(small_tagger(), kCategories, kLiteral);
  const std::string caption = "a blue t - shirt";
  EXPECT_EQ(corrected.category(caption), "15");
  EXPECT_EQ(corrected.sls(caption, "15"), 1);
  EXPECT_EQ(corrected.sls(caption, "11"), 0);
  EXPECT_EQ(literal.sls(caption, "15"), 0);
  EXPECT_EQ(literal.sls(caption, "11"), 1);
  EXPECT_EQ(corrected.als(caption, std::vector<std::string>{"blue", "t-shirt"}), 1);
  EXPECT_EQ(literal.als(caption, std::vector<std::string>{"blue", "t-shirt"}), 0.5);
}

TEST(AttributeScorer, CutsPunctuationOffUnlessLiteral) {
  const std::string caption = "a dress, with soft sleeves.";
  const metrics::AttributeScorer corrected(small_tagger(), kCategories, kCorrected);
  EXPECT_EQ(corrected.sls(caption, "4"), 1);
  EXPECT_EQ(corrected.als(caption, std::vector<std::string>{"soft", "sleeve"}), 1);
  EXPECT_EQ(metrics::AttributeScorer(small_tagger(), kCategories, kLiteral).sls(caption, "4"), 0);
}

/// With all attributes known beforehand or none, and both scores at once.
TEST(AttributeScorer, FindsTheSameHoweverPhrasesAreLookedUp) {
  const std::vector<std::string> known = {"blue", "t-shirt", "Soft", "sleeve", "nah", ""};
  const std::vector<std::vector<std::string>> lists = {
      {"blue", "soft", "nah"}, {"sleeve"}, {"t-shirt", "Soft"}, {}};
  for (const AttributeRule rule : {kCorrected, kLiteral}) {
    const metrics::AttributeScorer indexed(small_tagger(), kCategories, rule, known);
    const metrics::AttributeScorer fresh(small_tagger(), kCategories, rule);
    for (const std::string caption : {"a blue t - shirt", "soft shirts are soft", "", "a dress"}) {
      for (const std::vector<std::string>& wanted : lists) {
        const double als = fresh.als(caption, wanted);
        EXPECT_EQ(indexed.als(caption, wanted), als) << caption;
        const auto both = indexed.score(caption, wanted, "15");
        EXPECT_EQ(both.als, als) << caption;
        EXPECT_EQ(both.sls, fresh.sls(caption, "15")) << caption;
      }
    }
  }
}

/// A look-up a word: a thousand times as many category words cost little more.
TEST(AttributeScorer, TakesNoLongerForManyCategoryWords) {
  const auto scorer_of = [](int words) {
    std::vector<CategoryWord> categories;
    for (int i = 0; i < words; ++i) {
      std::string word = "word";
      for (int rest = i; rest > 0; rest /= 26) word += static_cast<char>('a' + rest % 26);
      categories.push_back({word + " dress", word});
    }
    return metrics::AttributeScorer(small_tagger(), categories, kCorrected);
  };
  const metrics::AttributeScorer few = scorer_of(10), many = scorer_of(10'000);
  const auto score = [](const metrics::AttributeScorer& scorer) {
    EXPECT_EQ(scorer.category("a wordb dress"), "wordb");
    for (int i = 0; i < 500; ++i) scorer.category("a blue dress with long sleeves");
  };
  EXPECT_LT(growth::quotient([&] { score(few); }, [&] { score(many); }, 20), 20);
}

TEST(AttributeScorer, GivesNothingForNoCategory) {
  const metrics::AttributeScorer scorer(small_tagger(), kCategories, kCorrected);
  EXPECT_EQ(scorer.sls("a kettle", ""), 0);
  EXPECT_EQ(scorer.sls("", ""), 0);
  EXPECT_EQ(scorer.als("", std::vector<std::string>{"blue"}), 0);
}

}  // namespace
