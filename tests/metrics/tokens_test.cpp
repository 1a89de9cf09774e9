#include "metrics/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>

#include "base/json.h"
#include "tests/metrics/gzip_lines.h"
#include "tests/shared.h"

namespace metrics {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CaptionTokens, AnswersAsTheToolkit) {
  const base::Json golden =
      base::read_json(std::filesystem::path(BLIP_SOURCE_DIR) / "tests/metrics/golden/tokens.json");
  ASSERT_EQ(golden.size(), 68);
  for (const base::Json& line : golden) {
    const std::string& caption = line.at("caption").string();
    EXPECT_EQ(caption_tokens(caption), line.at("caption_tokens").get<std::string>()) << caption;
  }
}

/// The second column holds the lower-cased tokens, from which the toolkit then drops some.
TEST(CaptionTokens, AgreesWithTheReferenceLines) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const std::vector<std::string> lines =
      gzip_lines(shared::path("reference/metrics/tokenizer_reference.tsv.gz"));
  ASSERT_EQ(lines.size(), 29713);
  const std::string dropped = " '' ' `` ` . ? ! , : - -- ... ; ";
  std::vector<std::string> different;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    const std::size_t lower = line.find('\t') + 1;
    std::istringstream tokens(line.substr(lower, line.find('\t', lower) - lower));
    std::string expected;
    for (std::string token; std::getline(tokens, token, ' ');) {
      if (dropped.find(" " + token + " ") != dropped.npos) continue;
      expected += (expected.empty() ? "" : " ") + token;
    }
    if (caption_tokens(line.substr(0, lower - 1)) != expected) different.push_back(expected);
  }
  // There the next line began with "A".
  EXPECT_THAT(different, ElementsAre("but sometimes of course when z happens after x it is because "
                                     "of x"));
}

TEST(CaptionTokens, DropsThePunctuationOfTheToolkitsList) {
  EXPECT_EQ(caption_tokens("'quoted' \"double\" . ? ! , : - -- ... ;"), "quoted double");
  EXPECT_EQ(caption_tokens("(a) [b] {c}"), "-lrb- a -rrb- -lsb- b -rsb- -lcb- c -rcb-");
  EXPECT_EQ(caption_tokens("& $ % # / !!! ?! .. < > ------"), "& $ % # / !!! ?! < > ------");
}

TEST(CaptionTokens, GivesNothingForNothing) {
  for (const char* caption : {"", " ", "\n", ".", "?!", "...", "\U0001F600", "\xFF", "' '"}) {
    EXPECT_EQ(caption_tokens(caption), caption == std::string("?!") ? "?!" : "") << caption;
  }
}

TEST(CaptionTokens, LowersAsJava) {
  EXPECT_EQ(caption_tokens("RED \u00C9CLAIR \u0416\u0423\u041A"),
            "red \u00E9clair \u0436\u0443\u043A");
  EXPECT_EQ(caption_tokens("\u0130"), "i\u0307");
  EXPECT_EQ(caption_tokens("\u039F\u0394\u039F\u03A3 \u03A3\u03A3. \u03A3"),
            "\u03BF\u03B4\u03BF\u03C2 \u03C3\u03C2 \u03C3");
}

TEST(CaptionTokens, TakesLineBreaksAsSpaces) {
  for (const char* caption : {"red\ndress", "red\r\ndress", "red\tdress", "red\vdress",
                              "red\u2028dress", "red\u0085dress", "\nred\n\ndress\n"}) {
    EXPECT_EQ(caption_tokens(caption), "red dress") << caption;
  }
}

TEST(CaptionTokens, StripsTheEndAsPython) {
  EXPECT_EQ(caption_tokens("http://a.com\u00A0\u3000"), "http://a.com");
  EXPECT_EQ(caption_tokens("http://a.com\u00A0 ."), "http://a.com\u00A0");
}

TEST(Tokenized, CoversHypothesisAndReferences) {
  const Sample sample = tokenized({"A dog.", {"The Dog's ball!", ""}});
  EXPECT_EQ(sample.hypothesis, "a dog");
  EXPECT_THAT(sample.references, ElementsAre("the dog 's ball", ""));
}

TEST(Split, CutsWherePythonDoes) {
  EXPECT_THAT(split(""), IsEmpty());
  EXPECT_THAT(split(" \t\n"), IsEmpty());
  EXPECT_THAT(split("  a red\tdress "), ElementsAre("a", "red", "dress"));
  EXPECT_THAT(split("a\vb\fc\rd\x1C"
                    "e\x1F"
                    "f"),
              ElementsAre("a", "b", "c", "d", "e", "f"));
  EXPECT_THAT(split("5\u00A01/2\u2003x\u3000y\u0085z\u1680w\u2028v\u202Fu\u205Ft"),
              ElementsAre("5", "1/2", "x", "y", "z", "w", "v", "u", "t"));
  EXPECT_THAT(split("a\u200Bb \u00C2 \u2010"), ElementsAre("a\u200Bb", "\u00C2", "\u2010"));
  EXPECT_THAT(split("\xC2"), ElementsAre("\xC2"));
}

}  // namespace
}  // namespace metrics
