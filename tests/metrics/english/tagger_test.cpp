#include "metrics/english/tagger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "metrics/english/tagger_training.h"
#include "tests/metrics/english/sentences.h"
#include "tests/shared.h"
#include "tests/temporary_folder.h"

namespace metrics::english {
namespace {

using testing::HasSubstr;

/// The share of words whose tag is right, in percent.
double accuracy(const Tagger& tagger, const std::vector<Sentence>& trees) {
  double words = 0, right = 0;
  for (const Sentence& tree : trees) {
    Sentence tagged = tree;
    tagger.tag(tagged);
    for (std::size_t i = 0; i < tree.size(); ++i) right += tree[i].tag == tagged[i].tag;
    words += static_cast<double>(tree.size());
  }
  return 100 * right / words;
}

std::string tags_of(const Tagger& tagger, const std::string& text) {
  Sentence sentence = words(text);
  tagger.tag(sentence);
  std::string tags;
  for (const Word& word : sentence) tags += (tags.empty() ? "" : " ") + word.tag;
  return tags;
}

/// Seconds for 1,000 captions; only release builds are fast.
#ifdef NDEBUG
constexpr double kLimit = 0.05;
#else
constexpr double kLimit = 2;
#endif

TaggerTraining small() {
  TaggerTraining training;
  training.rows = 1 << 16;
  return training;
}

TEST(Tagger, TagsCaptions) {
  const Tagger tagger = Tagger::load(parser_folder());
  EXPECT_EQ(tags_of(tagger, "two women in red dresses"), "CD NNS IN JJ NNS");
  EXPECT_EQ(tags_of(tagger, "a man riding a wave on top of a surfboard"),
            "DT NN VBG DT NN IN NN IN DT NN");
  EXPECT_EQ(tags_of(tagger, "women 's long-sleeve t-shirt with v-neck"), "NNS POS JJ NN IN NN");
  EXPECT_EQ(tags_of(tagger, "black leather boots with side zip"), "JJ NN NNS IN NN NN");
  EXPECT_EQ(tags_of(tagger, ""), "");
}

TEST(Tagger, IsRightOnCaptions) {
  EXPECT_GE(accuracy(Tagger::load(parser_folder()), caption_trees()), 97.9);
}

TEST(Tagger, IsRightOnTheDevelopmentSet) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const std::vector<Sentence> trees = development_set();
  ASSERT_EQ(trees.size(), 2001);
  EXPECT_GE(accuracy(Tagger::load(parser_folder()), trees), 94.7);
}

TEST(Tagger, TagsAThousandCaptionsInFiftyMilliseconds) {
  const Tagger tagger = Tagger::load(parser_folder());
  const Sentence caption = words("a man riding a wave on top of a blue surfboard");
  std::clock_t fastest = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const std::clock_t begin = std::clock();
    for (int i = 0; i < 1000; ++i) {
      Sentence copy = caption;
      tagger.tag(copy);
    }
    const std::clock_t taken = std::clock() - begin;
    fastest = attempt == 0 ? taken : std::min(fastest, taken);
  }
  EXPECT_LT(static_cast<double>(fastest) / CLOCKS_PER_SEC, kLimit);
}

TEST(Tagger, LearnsFewSentences) {
  const Tagger tagger = train_tagger(few_trees(), small());
  EXPECT_EQ(accuracy(tagger, few_trees()), 100);
  EXPECT_EQ(tags_of(tagger, "the cat barks"), "DT NN VBZ");
  EXPECT_THROW(train_tagger({}, small()), base::UsageError);
}

TEST(Tagger, LearnsTheSameTwice) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a");
  std::filesystem::create_directory(folder / "b");
  train_tagger(few_trees(), small()).save(folder / "a");
  train_tagger(few_trees(), small()).save(folder / "b");
  EXPECT_EQ(base::read_file(folder / "a/tagger.bin"), base::read_file(folder / "b/tagger.bin"));
  EXPECT_EQ(accuracy(Tagger::load(folder / "a"), few_trees()), 100);
}

TEST(Tagger, TagsForTheParserComeFromOtherSentences) {
  std::vector<Sentence> twice;
  for (int copy = 0; copy < 2; ++copy) {
    twice.insert(twice.end(), few_trees().begin(), few_trees().begin() + 4);
  }
  // "black" stands in one sentence, and so does its tag: unknown unless a copy is in another part.
  const std::vector<int> together = {0, 1, 2, 3, 0, 1, 2, 3}, apart = {0, 0, 0, 0, 1, 1, 1, 1};
  const auto unseen = with_predicted_tags(twice, together, 4, small());
  EXPECT_NE(unseen[2][0].tag, "JJ");
  EXPECT_NE(unseen[6][0].tag, "JJ");
  const auto seen = with_predicted_tags(twice, apart, 2, small());
  ASSERT_EQ(seen.size(), twice.size());
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(drawn(seen[i]), drawn(twice[i]));
}

TEST(Tagger, RefusesBrokenFiles) {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& content) {
    const auto path = folder.write("tagger.bin", content);
    const std::string message = error_of<base::FormatError>([&] { Tagger::load(folder.path()); });
    EXPECT_THAT(message, HasSubstr(path.string()));
    return message;
  };
  train_tagger(few_trees(), small()).save(folder.path());
  const std::string whole = base::read_file(folder / "tagger.bin");
  EXPECT_THAT(error(""), HasSubstr("does not begin with \"blip-tag\""));
  EXPECT_THAT(error("{\"not\": \"a model\", \"but\": \"JSON\"}"), HasSubstr("not a model"));
  EXPECT_THAT(error(whole.substr(0, 20)), HasSubstr("does not begin with"));
  EXPECT_THAT(error(whole.substr(0, 40)), HasSubstr("truncated?"));
  EXPECT_THAT(error(whole.substr(0, whole.size() - 1)), HasSubstr("truncated?"));
  EXPECT_THAT(error(whole + "x"), HasSubstr("bytes follow"));
  for (const std::size_t place : {std::size_t{9}, std::size_t{33}, whole.size() - 1}) {
    std::string damaged = whole;
    damaged[place] ^= 1;
    EXPECT_THAT(error(damaged), HasSubstr("is damaged")) << place;
  }
  EXPECT_THAT(error_of<base::FileError>([] { Tagger::load("/nowhere"); }),
              HasSubstr("/nowhere/tagger.bin"));
}

}  // namespace
}  // namespace metrics::english
