#include "metrics/english/synonyms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "tests/shared.h"
#include "tests/temporary_folder.h"

namespace metrics::english {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::filesystem::path kGolden =
    std::filesystem::path(BLIP_SOURCE_DIR) / "tests/metrics/golden";

/// METEOR's two lists.
Synonyms from_lists(const std::string& synsets, const std::string& exceptions = "") {
  const TemporaryFolder folder;
  folder.write("english.synsets", synsets);
  folder.write("english.exceptions", exceptions);
  return Synonyms::from_meteor(folder.path());
}

bool similar(const Synonyms& synonyms, std::string_view a, std::string_view b) {
  return share_synset(synonyms.synsets(a), synonyms.synsets(b));
}

TEST(Synonyms, EqualTheOriginalOnListsOfOurOwn) {
  const Synonyms synonyms = Synonyms::from_meteor(kGolden / "meteor_lists");
  std::ifstream file(kGolden / "synonyms.tsv");
  int words = 0;
  for (std::string line; std::getline(file, line); ++words) {
    const std::size_t tab = line.find('\t');
    std::istringstream numbers(line.substr(tab + 1));
    const std::vector<Synset> expected{std::istream_iterator<Synset>(numbers), {}};
    EXPECT_THAT(synonyms.synsets(line.substr(0, tab)), testing::ElementsAreArray(expected)) << line;
  }
  EXPECT_EQ(words, 937);
}

TEST(Synonyms, UniteAWordWithItsBaseForms) {
  const Synonyms synonyms =
      from_lists("axe\n5\nax\n00000009 00000005\naxis\n7\naxes\n2\nbe\n4\nbus\n8\nbusy\n3\n",
                 "ax\naxes\naxis\naxes\nbe\nis are\n");
  EXPECT_THAT(synonyms.synsets("ax"), ElementsAre(5, 9));
  EXPECT_THAT(synonyms.synsets("axes"), ElementsAre(2, 5, 7, 9));
  EXPECT_THAT(synonyms.synsets("is"), ElementsAre(4));
  EXPECT_THAT(synonyms.synsets("buses"), ElementsAre(8));   // the first ending with a known base
  EXPECT_THAT(synonyms.synsets("busies"), ElementsAre(3));  // "busie" is none
  EXPECT_THAT(synonyms.synsets("unheard"), IsEmpty());
  EXPECT_THAT(synonyms.synsets(""), IsEmpty());
}

TEST(Synonyms, KeepTheOddWaysOfMeteor) {
  const Synonyms synonyms = from_lists("box\n1\nboxful\n2\nbas\n3\nb\n4\nmis\n5\n");
  EXPECT_THAT(synonyms.synsets("boxful"), ElementsAre(2));
  EXPECT_THAT(synonyms.synsets("boxesful"), IsEmpty());  // WordNet itself finds "boxful"
  EXPECT_THAT(synonyms.synsets("bass"), IsEmpty());      // words in -ss are their own base
  EXPECT_THAT(synonyms.synsets("bs"), IsEmpty());        // so are those of two letters
  EXPECT_THAT(synonyms.synsets("bing"), ElementsAre(4));
}

TEST(Synonyms, AreSimilarIfTheyShareASynset) {
  const Synonyms synonyms = Synonyms::from_meteor(kGolden / "meteor_lists");
  EXPECT_TRUE(similar(synonyms, "dog", "hound"));
  EXPECT_TRUE(similar(synonyms, "hounds", "dogs"));
  EXPECT_TRUE(similar(synonyms, "kid", "goat"));
  EXPECT_FALSE(similar(synonyms, "child", "goat"));  // not through "kid"
  EXPECT_FALSE(similar(synonyms, "dog", "cat"));
  EXPECT_FALSE(similar(synonyms, "unheard", "unheard"));
}

TEST(Synonyms, OutliveTheFiles) {
  Synonyms copy = from_lists("dog\n1\n");
  {
    const Synonyms other = from_lists("cat\n2\n");
    copy = other;
  }
  EXPECT_THAT(copy.synsets("cats"), ElementsAre(2));
}

TEST(Synonyms, SayWhatIsWrongWithMeteorsLists) {
  const auto error = [](const std::string& synsets, const std::string& exceptions = "") {
    return error_of<base::FormatError>([&] { from_lists(synsets, exceptions); });
  };
  EXPECT_THAT(error("dog\n1\ncat\n"), HasSubstr("english.synsets, line 3: expected the synsets"));
  EXPECT_THAT(error("dog\n\n"), HasSubstr("line 2: expected the synsets of the word \"dog\""));
  EXPECT_THAT(error("dog\ncat\n"), HasSubstr("line 2: expected a number, found \"cat\""));
  EXPECT_THAT(error("dog\n1 -2\n"), HasSubstr("found \"-2\""));
  EXPECT_THAT(error("dog\n9999999999\n"), HasSubstr("found \"9999999999\""));
  EXPECT_THAT(error("dog\n1\ndog\n2\n"),
              HasSubstr("line 3: the word \"dog\" stands here a second"));
  EXPECT_THAT(error("dog\n1\n", "ox\n"),
              HasSubstr("english.exceptions, line 1: expected the irreg"));
  EXPECT_THAT(error(""), HasSubstr("english.synsets, line 0: there are no words"));

  const TemporaryFolder folder;
  const auto load = [&] { Synonyms::from_meteor(folder.path()); };
  EXPECT_THAT(error_of<base::FileError>(load), HasSubstr("english.synsets"));
  folder.write("english.synsets", "dog\n1\n");
  EXPECT_THAT(error_of<base::FileError>(load), HasSubstr("english.exceptions"));
}

/// A WordNet of a few words.
struct SmallWordNet {
  TemporaryFolder folder;
  SmallWordNet() {
    const std::string licence = "  1 This is the licence.  \n";
    folder.write("index.noun", licence +
                                   "dog n 2 1 @ 2 1 00000100 00000200  \n"
                                   "hound n 1 0 1 0 00000100  \n");
    folder.write("index.verb", licence + "dog v 1 2 @ ~ 1 0 00000200  \nrun v 1 0 1 0 300\n");
    folder.write("index.adj", licence);
    folder.write("index.adv", licence);
    for (const char* part : {"noun", "adj", "adv"}) folder.write(std::string(part) + ".exc", "");
    folder.write("verb.exc", "ran run\n");
  }
  Synonyms load() const { return Synonyms::from_wordnet(folder.path()); }
};

TEST(Synonyms, KeepWordNetsPartsOfSpeechApart) {
  const SmallWordNet wordnet;
  const Synonyms synonyms = wordnet.load();
  EXPECT_EQ(synonyms.synsets("dog").size(), 3u);  // 100 and 200 of the nouns, 200 of the verbs
  EXPECT_TRUE(similar(synonyms, "dogs", "hound"));
  EXPECT_THAT(synonyms.synsets("ran"), testing::ElementsAreArray(synonyms.synsets("run")));
  EXPECT_FALSE(synonyms.synsets("ran").empty());
  EXPECT_FALSE(similar(synonyms, "run", "dog"));
}

TEST(Synonyms, SayWhatIsWrongWithWordNet) {
  const auto error = [](const char* name, const std::string& content) {
    const SmallWordNet wordnet;
    wordnet.folder.write(name, content);
    return error_of<base::FormatError>([&] { wordnet.load(); });
  };
  EXPECT_THAT(error("index.noun", "dog n two 0 1 1 00000100\n"),
              HasSubstr("index.noun, line 1: expected a number, found \"two\""));
  EXPECT_THAT(error("index.noun", "dog n 2 0 2 1 00000100\n"), HasSubstr("found \"\""));
  EXPECT_THAT(error("index.noun", "dog n 1 0 2 1 00000100 00000200\n"),
              HasSubstr("more synsets than the 1 announced"));
  EXPECT_THAT(error("index.noun", "dog n 0 0 0 0\n"), HasSubstr("a word without synsets"));
  EXPECT_THAT(error("index.noun", "dog n 1 1000000000 1\n"), HasSubstr("found \"\""));
  EXPECT_THAT(error("verb.exc", "ran\n"), HasSubstr("verb.exc, line 1: expected an irregular"));

  const SmallWordNet wordnet;
  std::filesystem::remove(wordnet.folder / "adv.exc");
  EXPECT_THAT(error_of<base::FileError>([&] { wordnet.load(); }), HasSubstr("adv.exc"));
}

const std::filesystem::path kWordNet = "/usr/share/wordnet";

TEST(Synonyms, AreThoseOfWordNet) {
  if (!std::filesystem::exists(kWordNet)) GTEST_SKIP() << "needs Debian's wordnet-base";
  const Synonyms synonyms = Synonyms::from_wordnet(kWordNet);
  EXPECT_TRUE(similar(synonyms, "car", "automobile"));
  EXPECT_TRUE(similar(synonyms, "sofas", "couch"));
  EXPECT_TRUE(similar(synonyms, "women", "adult_female"));
  EXPECT_FALSE(similar(synonyms, "dog", "cat"));
  EXPECT_EQ(synonyms.synsets("dog").size(), 8u);  // 7 nouns, 1 verb
}

TEST(Synonyms, OfWordNetAreAsManyAsThoseOfMeteor) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  if (!std::filesystem::exists(kWordNet)) GTEST_SKIP() << "needs Debian's wordnet-base";
  const Synonyms wordnet = Synonyms::from_wordnet(kWordNet);
  const auto lists = shared::path("reference/metrics/meteor-data");
  const Synonyms meteor = Synonyms::from_meteor(lists);
  std::ifstream file(lists / "english.synsets");
  int words = 0, known = 0, as_many = 0;
  for (std::string word, numbers; std::getline(file, word) && std::getline(file, numbers);) {
    ++words;
    known += !wordnet.synsets(word).empty();
    as_many += wordnet.synsets(word).size() == meteor.synsets(word).size();
  }
  EXPECT_EQ(words, 147'306);
  EXPECT_EQ(known, words);
  EXPECT_EQ(as_many, words);
}

}  // namespace
}  // namespace metrics::english
