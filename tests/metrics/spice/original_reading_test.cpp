#include "metrics/spice/original_reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "metrics/spice/scene_tuples.h"
#include "tests/metrics/spice/trees.h"

namespace metrics::spice {
namespace {

using ::testing::Contains;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;

using Tuple = std::vector<std::string>;

english::Sentence read(const std::string& text) {
  english::Sentence sentence = tree(text);
  read_as_original(sentence);
  return sentence;
}

std::vector<FoundTuple> tuples(const std::string& text) {
  return scene_tuples(std::vector<english::Sentence>{read(text)});
}

TEST(OriginalReading, HangsParticiplesOnTheNounBefore) {
  EXPECT_THAT(tuples("a/DT/2/det crew/NN/0/root of/IN/4/case sailors/NNS/2/nmod/sailor "
                     "mending/VBG/2/acl/mend nets/NNS/5/dobj/net"),
              IsSupersetOf({Tuple{"sailor", "net", "mend"}, Tuple{"crew", "sailor", "of"}}));
  // Not where something stands between them.
  EXPECT_THAT(tuples("sailors/NNS/0/root/sailor here/RB/3/advmod mending/VBG/1/acl/mend "
                     "nets/NNS/3/dobj/net"),
              Contains(Tuple{"sailor", "net", "mend"}));
  // Nor with the first part of a compound, or with the verb's own subject.
  EXPECT_EQ(read("he/PRP/2/nsubj sits/VBZ/0/root dogs/NNS/4/nsubj barking/VBG/2/advcl")[3].head, 2);
}

TEST(OriginalReading, HangsPrepositionsOnTheNounBefore) {
  const char* const kNet = "he/PRP/2/nsubj mends/VBZ/0/root/mend nets/NNS/2/dobj/net ";
  EXPECT_EQ(read(std::string(kNet) + "in/IN/5/case huts/NNS/2/nmod")[4].head, 3);
  EXPECT_EQ(read(std::string(kNet) + "on/IN/5/case piers/NNS/2/nmod")[4].head, 3);
  EXPECT_EQ(read(std::string(kNet) + "with/IN/5/case needles/NNS/2/nmod")[4].head, 2);
  EXPECT_EQ(read("he/PRP/2/nsubj sits/VBZ/0/root on/IN/4/case piers/NNS/2/nmod with/IN/6/case "
                 "dogs/NNS/2/nmod")[5]
                .head,
            4);
  // Right behind the verb it stays there.
  EXPECT_EQ(read("he/PRP/2/nsubj sits/VBZ/0/root on/IN/4/case piers/NNS/2/nmod")[3].head, 2);
}

TEST(OriginalReading, PartsANounFromItsIngForm) {
  EXPECT_THAT(tuples("a/DT/2/det sailor/NN/0/root mending/VBG/2/acl/mend a/DT/5/det net/NN/3/dobj"),
              UnorderedElementsAre(Tuple{"sailor"}, Tuple{"net"}));
  // A sentence with a verb of its own is read as it is, and so are several sailors.
  EXPECT_THAT(tuples("a/DT/2/det sailor/NN/6/nsubj mending/VBG/2/acl/mend a/DT/5/det "
                     "net/NN/3/dobj sings/VBZ/0/root/sing"),
              Contains(Tuple{"sailor", "net", "mend"}));
  EXPECT_THAT(tuples("sailors/NNS/0/root/sailor mending/VBG/1/acl/mend nets/NNS/2/dobj/net"),
              Contains(Tuple{"sailor", "net", "mend"}));
}

TEST(OriginalReading, TakesSomeIngFormsForNouns) {
  EXPECT_THAT(tuples("a/DT/3/det young/JJ/3/amod sailor/NN/0/root standing/VBG/3/acl/stand "
                     "on/IN/6/case piers/NNS/4/nmod/pier"),
              UnorderedElementsAre(Tuple{"standing", "young"}, Tuple{"standing", "pier", "on"},
                                   Tuple{"standing", "sailor"}, Tuple{"pier"}));
}

TEST(OriginalReading, TakesParticiplesBeforeNounsForAdjectives) {
  EXPECT_THAT(tuples("a/DT/3/det painted/VBN/3/amod/paint boat/NN/0/root"),
              UnorderedElementsAre(Tuple{"boat"}, Tuple{"boat", "painted"}));
}

TEST(OriginalReading, PartsFrontFromOf) {
  const char* const kFront = "in/IN/3/case front/NN/1/nmod of/IN/5/case huts/NNS/3/nmod/hut";
  EXPECT_THAT(tuples(std::string("boat/NN/0/root ") + kFront),
              IsSupersetOf({Tuple{"boat", "front", "in"}, Tuple{"boat", "hut", "of"}}));
  EXPECT_THAT(tuples("boat/NN/2/nsubj lies/VBZ/0/root/lie in/IN/4/case front/NN/2/nmod "
                     "of/IN/6/case huts/NNS/4/nmod/hut"),
              Contains(Tuple{"boat", "hut", "lie in front of"}));
}

TEST(OriginalReading, LetsRoomsLive) {
  EXPECT_THAT(tuples("dogs/NNS/0/root/dog in/IN/5/case a/DT/5/det living/NN/5/compound "
                     "room/NN/1/nmod"),
              Contains(Tuple{"room", "live"}));
  EXPECT_THAT(tuples("a/DT/3/det living/NN/3/compound room/NN/0/root"),
              UnorderedElementsAre(Tuple{"living"}, Tuple{"room"}));
  EXPECT_THAT(tuples("living/NN/2/compound room/NN/0/root"), UnorderedElementsAre(Tuple{"room"}));
}

TEST(OriginalReading, ReadsCloseUpsAndCoveredThings) {
  EXPECT_THAT(tuples("a/DT/3/det close/JJ/3/amod up/NN/0/root of/IN/5/case nets/NNS/3/nmod/net"),
              UnorderedElementsAre(Tuple{"close"}, Tuple{"net"}));
  EXPECT_THAT(
      tuples("sailor/NN/0/root on/IN/6/case a/DT/6/det moss/NN/5/compound "
             "covered/VBN/6/amod/cover pier/NN/1/nmod"),
      UnorderedElementsAre(Tuple{"sailor"}, Tuple{"moss"}, Tuple{"pier"},
                           Tuple{"sailor", "moss", "on"}, Tuple{"sailor", "pier", "cover"}));
  EXPECT_THAT(tuples("a/DT/3/det covered/VBN/3/amod/cover pier/NN/0/root"),
              UnorderedElementsAre(Tuple{"pier"}, Tuple{"pier", "covered"}));
}

// Whatever the tree, the result is one: a root, no cycle.
TEST(OriginalReading, LeavesATree) {
  const char* const kTags[] = {"NN", "NNS", "VBG", "VBN", "IN", "DT", "JJ", "VBZ"};
  const char* const kRelations[] = {"acl",  "advcl", "nmod",     "case",
                                    "dobj", "amod",  "compound", "det"};
  const char* const kForms[] = {"standing", "front", "living", "covered",
                                "close",    "up",    "riding", "top"};
  base::Random random(3);
  for (int round = 0; round < 5000; ++round) {
    const int size = 1 + static_cast<int>(random.below(9));
    english::Sentence sentence(size);
    const int root = 1 + static_cast<int>(random.below(size));
    std::vector<int> placed = {root};
    for (int word = 1; word <= size; ++word) {
      sentence[word - 1] = {kForms[random.below(8)], kTags[random.below(8)], "x", 0, "root"};
      if (word == root) continue;
      sentence[word - 1].head = placed[random.below(static_cast<std::uint32_t>(placed.size()))];
      sentence[word - 1].relation = kRelations[random.below(8)];
      placed.push_back(word);
    }
    read_as_original(sentence);
    int roots = 0;
    for (int word = 1; word <= size; ++word) {
      roots += sentence[word - 1].head == 0;
      int steps = 0;
      for (int up = word; up != 0; up = sentence[up - 1].head) ASSERT_LE(++steps, size);
    }
    EXPECT_EQ(roots, 1);
  }
}

}  // namespace
}  // namespace metrics::spice
