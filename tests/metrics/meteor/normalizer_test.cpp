#include "metrics/meteor/normalizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "tests/growth.h"
#include "tests/metrics/gzip_lines.h"
#include "tests/metrics/meteor/lists.h"
#include "tests/shared.h"

namespace metrics::meteor {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> words(std::string_view line) {
  return normalized_words(
      line, {{{U"Mr", Abbreviations::Rule::kAlways}, {U"No", Abbreviations::Rule::kBeforeNumber}}});
}

TEST(MeteorNormalizer, CutsPunctuationOff) {
  EXPECT_THAT(words("A dog, (two) cats!"),
              ElementsAre("a", "dog", ",", "(", "two", ")", "cats", "!"));
  EXPECT_THAT(words("3,14 or three,14"), ElementsAre("3,14", "or", "three", ",", "14"));
  EXPECT_THAT(words("\"'\" ''x''"), ElementsAre("\"", "'", "\"", "\"", "x", "\""));
}

TEST(MeteorNormalizer, CutsContractionsApartAndHyphensOut) {
  EXPECT_THAT(words("the dog's t-shirt -- isn't"),
              ElementsAre("the", "dog", "'s", "t", "shirt", "-", "isn", "'t"));
  EXPECT_THAT(words("1990's 1990'x"), ElementsAre("1990", "'s", "1990'x"));
}

TEST(MeteorNormalizer, MissesEverySecondApostropheBetweenSingleLetters) {
  EXPECT_THAT(words("a'b'c'd"), ElementsAre("a", "'b'c", "'d"));
  EXPECT_THAT(words("a,b,c"), ElementsAre("a", ",", "b,c"));
}

TEST(MeteorNormalizer, JudgesDots) {
  EXPECT_THAT(words("Mr. Fox. The U.S. end."),
              ElementsAre("mr.", "fox", ".", "the", "us", "end", "."));
  EXPECT_THAT(words("No. 7 No. Yes"), ElementsAre("no.", "7", "no", ".", "yes"));
  EXPECT_THAT(words("blg. next"), ElementsAre("blg.", "next"));  // a sentence begins in upper case
  EXPECT_THAT(words("so... Well.. 1.2."), ElementsAre("so", "...", "well", "..", "1.2", "."));
}

TEST(MeteorNormalizer, TakesAnyBytes) {
  EXPECT_THAT(words(""), IsEmpty());
  EXPECT_THAT(words(" \t\r\n\f "), IsEmpty());
  EXPECT_THAT(words("\u00c9\u0416 \u65e5\u672c"), ElementsAre("\u00e9\u0436", "\u65e5", "\u672c"));
  EXPECT_THAT(words("a\u00a0b\u3000"), ElementsAre("a", "b"));
  EXPECT_THAT(words("a\xff\xc3"), ElementsAre("a", "\uFFFD", "\uFFFD"));
  EXPECT_THAT(words(std::string_view("a\0b", 3)), ElementsAre("a", std::string(1, '\0'), "b"));
}

TEST(MeteorNormalizer, TakesTimeLinearInTheLine) {
  for (const std::string piece : {"a ", "'", ".", ",", "-", "a'", "a.b. "}) {
    const auto normalize = [&](std::size_t size) {
      std::string line;
      while (line.size() < size) line += piece;
      EXPECT_FALSE(words(line).empty());
    };
    EXPECT_LT(growth::of_fourfold(normalize, 20'000), growth::kLinear) << piece;
  }
}

TEST(MeteorNormalizer, ReadsListsOfAbbreviations) {
  const TemporaryFolder folder;
  const auto path = folder.write("list", "# Comment\n\nMr\n  No   #NUMERIC_ONLY#\r\nx #other\n");
  const Abbreviations read = Abbreviations::load(path);
  EXPECT_THAT(read.rules, ::testing::UnorderedElementsAre(
                              ::testing::Pair(U"Mr", Abbreviations::Rule::kAlways),
                              ::testing::Pair(U"No", Abbreviations::Rule::kBeforeNumber),
                              ::testing::Pair(U"x", Abbreviations::Rule::kAlways)));
  EXPECT_THAT(error_of<base::FileError>([&] { Abbreviations::load(folder / "absent"); }),
              ::testing::HasSubstr("absent"));
}

TEST(MeteorNormalizer, AnswersAsTheOriginal) {
  const Abbreviations abbreviations = Abbreviations::load(meteor_lists::own() / "english.prefixes");
  const base::Json golden = base::read_json(meteor_lists::golden() / "meteor_scores.json");
  ASSERT_EQ(golden.at("lines").size(), 44);
  for (const base::Json& json : golden.at("lines")) {
    const std::string& line = json.at("line").string();
    EXPECT_EQ(normalized_words(line, abbreviations),
              json.at("words").get<std::vector<std::string>>())
        << line;
  }
}

TEST(MeteorNormalizer, AnswersAsTheOriginalOnTheReferenceLines) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const Abbreviations abbreviations =
      Abbreviations::load(shared::path("reference/metrics/meteor-data/english.prefixes"));
  const std::vector<std::string> lines =
      gzip_lines(shared::path("reference/metrics/tokenizer_reference.tsv.gz"));
  ASSERT_EQ(lines.size(), 29'713);
  std::size_t different = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {  // behind the header
    const std::string raw = lines[i].substr(0, lines[i].find('\t'));
    const std::string expected = lines[i].substr(lines[i].rfind('\t') + 1);
    std::string joined;
    for (const std::string& word : normalized_words(raw, abbreviations)) {
      joined += (joined.empty() ? "" : " ") + word;
    }
    if (joined != expected && ++different < 10) ADD_FAILURE() << raw << '\n' << joined;
  }
  EXPECT_EQ(different, 0);
}

}  // namespace
}  // namespace metrics::meteor
