#include "metrics/phrase_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/growth.h"

namespace metrics {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Places = std::vector<std::pair<PhraseIndex::Phrase, std::size_t>>;

Places places(const PhraseIndex& index,
              const std::vector<std::pair<std::string, std::string>>& tagged) {
  english::Sentence caption;
  for (const auto& [form, tag] : tagged) {
    caption.emplace_back();
    caption.back().form = form;
    caption.back().tag = tag;
  }
  Places result;
  for (const PhraseIndex::Found& found : index.find(caption)) {
    result.emplace_back(found.phrase, found.begin);
  }
  return result;
}

TEST(PhraseIndex, NumbersPhrasesByTheirWords) {
  PhraseIndex index;
  EXPECT_EQ(index.add("T-shirt"), 0u);
  EXPECT_EQ(index.add("long sleeve"), 1u);
  EXPECT_EQ(index.add("t - shirt"), 0u);
  EXPECT_EQ(index.add("T-shirt"), 0u);
  EXPECT_EQ(index.number("t - shirt"), 0u);
  EXPECT_EQ(index.number("t-shirt"), std::nullopt);  // never written so
  EXPECT_EQ(index.length(1), 2u);
}

TEST(PhraseIndex, FindsEveryPlaceInAnyInflection) {
  PhraseIndex index;
  index.add("dress");
  index.add("red dress");
  index.add("sleeves");
  index.add("");
  EXPECT_THAT(places(index, {{"Red", "JJ"},
                             {"dresses", "NNS"},
                             {"and", "CC"},
                             {"a", "DT"},
                             {"sleeve", "NN"},
                             {"dress", "NN"}}),
              ElementsAre(Pair(1, 0), Pair(0, 1), Pair(2, 4), Pair(0, 5)));
  EXPECT_THAT(places(index, {{"red", "JJ"}}), IsEmpty());
  EXPECT_THAT(places(index, {}), IsEmpty());
  EXPECT_THAT(places(PhraseIndex(), {{"red", "JJ"}}), IsEmpty());
}

TEST(PhraseIndex, FindsPhrasesThatBeginAlikeInTheOrderOfTheirNumbers) {
  PhraseIndex index;
  index.add("red dress pockets");
  index.add("red dresses");
  index.add("red dress");
  index.add("red");
  index.add("dress pocket");
  EXPECT_THAT(places(index, {{"red", "JJ"}, {"dress", "NN"}, {"pockets", "NNS"}}),
              ElementsAre(Pair(0, 0), Pair(1, 0), Pair(2, 0), Pair(3, 0), Pair(4, 1)));
  EXPECT_THAT(places(index, {{"red", "JJ"}, {"dress", "NN"}}),
              ElementsAre(Pair(1, 0), Pair(2, 0), Pair(3, 0)));
}

TEST(PhraseIndex, TakesTimeLinearInCaptionsWhateverPhrasesBeginAlike) {
  const auto find_as_many_as_there_are = [](std::size_t size) {
    PhraseIndex index;
    for (std::size_t i = 0; i < size; ++i) index.add("red dress " + std::to_string(i));
    for (std::size_t i = 0; i < size; ++i) {
      const Places found =
          places(index, {{"red", "JJ"}, {"dress", "NN"}, {std::to_string(i), "CD"}});
      ASSERT_THAT(found, ElementsAre(Pair(i, 0)));
    }
  };
  EXPECT_LT(growth::of_fourfold(find_as_many_as_there_are, 1000), growth::kLinear);
}

TEST(PhraseIndex, TellsAShortDressFromShorts) {
  PhraseIndex index;
  index.add("shorts");
  EXPECT_THAT(places(index, {{"a", "DT"}, {"short", "JJ"}, {"dress", "NN"}}), IsEmpty());
  EXPECT_THAT(places(index, {{"blue", "JJ"}, {"shorts", "NNS"}}), ElementsAre(Pair(0, 1)));
}

TEST(PhraseIndex, TakesPhrasesAfterASearch) {
  PhraseIndex index;
  index.add("cat");
  EXPECT_THAT(places(index, {{"dogs", "NNS"}}), IsEmpty());
  index.add("dog");
  EXPECT_THAT(places(index, {{"dogs", "NNS"}}), ElementsAre(Pair(1, 0)));
}

}  // namespace
}  // namespace metrics
