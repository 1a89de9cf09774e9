#include "metrics/meteor/aligner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "tests/metrics/meteor/lists.h"

namespace metrics::meteor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MeteorAligner : public ::testing::Test {
 protected:
  /// "hypothesis-reference" places, as words where they are more than one, and the matcher.
  std::vector<std::string> matches(const std::string& hypothesis, const std::string& reference) {
    alignment_ = align(candidates(hypothesis, reference));
    std::vector<std::string> out;
    for (const MeteorMatch& match : alignment_) {
      const auto side = [](int start, int length) {
        return std::to_string(start) + (length > 1 ? "+" + std::to_string(length) : "");
      };
      constexpr const char* kMatchers[] = {"exact", "stem", "synonym", "paraphrase"};
      out.push_back(side(match.hypothesis_start, match.hypothesis_length) + "-" +
                    side(match.reference_start, match.reference_length) + " " +
                    kMatchers[static_cast<int>(match.matcher)]);
    }
    return out;
  }

  Candidates candidates(const std::string& hypothesis, const std::string& reference) {
    return {reader_.read(hypothesis), reader_.read(reference), &*resources_.paraphrases};
  }

  const Resources resources_ = load_meteor_resources(meteor_lists::own(), true);
  SentenceReader reader_{resources_};
  std::vector<MeteorMatch> alignment_;
};

TEST_F(MeteorAligner, MatchesInFourWays) {
  EXPECT_THAT(matches("dog running sofa many", "dog runs couch a lot of"),
              ElementsAre("0-0 exact", "1-1 stem", "2-2 synonym", "3-3+3 paraphrase"));
  EXPECT_EQ(count_chunks(alignment_), 1);
  EXPECT_THAT(matches("large ran geese", "big run goose"),
              ElementsAre("0-0 synonym", "1-1 synonym", "2-2 synonym"));  // by their base forms
  EXPECT_THAT(matches("one two", "three four"), IsEmpty());
  EXPECT_THAT(matches("", "three four"), IsEmpty());
  EXPECT_THAT(matches("one two", ""), IsEmpty());
}

TEST_F(MeteorAligner, UsesAWordOnce) {
  // The later place wins: its chunk is still open, thus not counted, when the paths are ranked.
  EXPECT_THAT(matches("x", "x y x"), ElementsAre("0-2 exact"));
  EXPECT_THAT(matches("x y x", "x"), ElementsAre("0-0 exact"));
}

TEST_F(MeteorAligner, PrefersFewChunks) {
  EXPECT_THAT(matches("x b x c", "x c"), ElementsAre("2-0 exact", "3-1 exact"));
  EXPECT_EQ(count_chunks(alignment_), 1);
  matches("b c x y z", "x y z b c");
  EXPECT_EQ(count_chunks(alignment_), 2);
  matches("a b c d", "a b x c d");  // a gap on one side ends a chunk
  EXPECT_EQ(count_chunks(alignment_), 2);
}

TEST_F(MeteorAligner, CountsOneWordsSynonymAsNothing) {
  // "hound" could be matched with either "dog", but that would make a second chunk.
  EXPECT_THAT(matches("hound x y", "x y dog z dog"), ElementsAre("1-0 exact", "2-1 exact"));
  // With one "dog" alone there is nothing to choose: such matches are made before the search.
  EXPECT_THAT(matches("hound x y", "x y dog"),
              ElementsAre("1-0 exact", "2-1 exact", "0-2 synonym"));
}

TEST_F(MeteorAligner, MatchesEqualSentencesExactlyAlone) {
  EXPECT_THAT(matches("dog hound dog", "dog hound dog"),
              ElementsAre("0-0 exact", "1-1 exact", "2-2 exact"));
  const Candidates equal = candidates("the street the road", "the street the road");
  for (int word = 0; word < equal.reference_length(); ++word) {
    for (const MeteorMatch& match : equal.at(word)) {
      EXPECT_EQ(match.matcher, MeteorMatcher::kExact);
    }
  }
}

TEST_F(MeteorAligner, TakesWordsOfEqualHashForEqual) {
  EXPECT_THAT(matches("an old tram", "c0 old tram"),
              ElementsAre("0-0 exact", "1-1 exact", "2-2 exact"));
}

TEST_F(MeteorAligner, FindsParaphrasesInBothDirections) {
  // "people" to "persons" is an entry, the other way round is none: it holds for both.
  EXPECT_THAT(matches("people", "persons"), ElementsAre("0-0 paraphrase"));
  EXPECT_THAT(matches("persons", "people"), ElementsAre("0-0 paraphrase"));
  EXPECT_EQ(candidates("many", "a lot of").at(0).size(), 2);  // entries in both directions: twice
}

TEST_F(MeteorAligner, MatchesNoWordTwice) {
  constexpr const char* kPhrases[] = {"dog",  "the dog", "hound", "many", "a lot of", "lots of",
                                      "runs", "running", "the",   "a",    "of the",   "x"};
  base::Random random(1);
  const auto sentence = [&] {
    std::string text;
    for (std::uint32_t i = random.below(12); i > 0; --i) {
      text += std::string(kPhrases[random.below(std::size(kPhrases))]) + " ";
    }
    return text;
  };
  for (int round = 0; round < 500; ++round) {
    const std::string hypothesis = sentence(), reference = sentence();
    SCOPED_TRACE(hypothesis + "| " + reference);
    std::vector<bool> used(reader_.read(hypothesis).words.size());
    int end = 0;
    for (const MeteorMatch& match : align(candidates(hypothesis, reference))) {
      EXPECT_LE(end, match.reference_start);
      end = match.reference_start + match.reference_length;
      for (int i = 0; i < match.hypothesis_length; ++i) {
        EXPECT_FALSE(used.at(match.hypothesis_start + i));
        used[match.hypothesis_start + i] = true;
      }
    }
  }
}

TEST_F(MeteorAligner, KnowsWhichCandidatesAreAlone) {
  const Candidates some = candidates("x dog y", "dog x hound");
  EXPECT_TRUE(some.is_alone(some.at(1)[0]));
  EXPECT_FALSE(some.is_alone(some.at(0)[0]));  // "hound" would like the dog, too
}

TEST_F(MeteorAligner, RefusesMoreWordPairsThanItCanSearch) {
  std::string words;
  for (int i = 0; i < 4'000; ++i) words += "x ";
  EXPECT_THAT(error_of<base::UsageError>([&] { candidates(words, words); }),
              ::testing::AllOf(HasSubstr("4000 words"), HasSubstr("10000000")));
}

}  // namespace
}  // namespace metrics::meteor
