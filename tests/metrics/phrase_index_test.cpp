#include "metrics/phrase_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

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
