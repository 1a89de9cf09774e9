#include "text/wordpiece.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"
#include "tests/growth.h"
#include "tests/shared.h"
#include "tests/temporary_folder.h"
#include "text/normalize.h"
#include "text/unicode.h"

namespace {

using base::Json;
using testing::ElementsAre;
using text::WordPiece;
using Ids = std::vector<int64_t>;

/// What transformers answers (make_wordpiece_fixture.py).
const Json& fixture() {
  static const Json answers = base::read_json(std::filesystem::path(BLIP_SOURCE_DIR) /
                                              "tests/text/fixtures/wordpiece.json");
  return answers;
}

WordPiece tokenizer() {
  return WordPiece(fixture().at("vocabulary").get<std::vector<std::string>>());
}

TEST(WordPiece, EqualsTransformersOnTrickyTexts) {
  const WordPiece pieces = tokenizer();
  for (const Json& answer : fixture().at("texts")) {
    const std::string& input = answer.at("text").string();
    const Ids ids = answer.at("ids").get<Ids>();
    EXPECT_EQ(pieces.encode(input), ids) << input;
    EXPECT_EQ(pieces.decode(ids), answer.at("decoded").get<std::string>());
    EXPECT_EQ(pieces.decode(answer.at("some_ids").get<Ids>(), false),
              answer.at("some").get<std::string>());
  }
}

TEST(WordPiece, EqualsTransformersForEveryCodePoint) {
  const WordPiece pieces = tokenizer();
  const Json& hashes = fixture().at("code_points");
  for (char32_t block = 0; block < 0x110; ++block) {
    uint32_t hash = 2166136261u;  // FNV-1a
    const auto add = [&hash](int64_t value) {
      hash = (hash ^ static_cast<unsigned char>(value)) * 16777619u;
    };
    for (char32_t c = block << 12; c < (block + 1) << 12; ++c) {
      if (c >= 0xD800 && c < 0xE000) continue;
      std::string character;
      base::append_utf8(character, c);
      for (const char byte : text::normalize(character, {})) add(byte);
      add(0xFF);
      for (const int64_t id : pieces.encode("a" + character + "b")) add(id);
      add(0xFF);
    }
    EXPECT_EQ(hash, hashes[block].get<uint32_t>()) << "code points from " << (block << 12);
  }
}

TEST(WordPiece, EqualsTransformersForEveryFormOfFolder) {
  for (const Json& form : fixture().at("folders")) {
    SCOPED_TRACE(form.at("name").get<std::string>());
    const TemporaryFolder folder;
    for (const auto& [name, content] : form.at("files").items()) {
      folder.write(name, content.get<std::string>());
    }
    const WordPiece pieces = WordPiece::load(folder.path());
    const auto tokens = form.at("tokens").get<std::vector<std::string>>();
    ASSERT_EQ(pieces.size(), static_cast<int64_t>(tokens.size()));
    Ids all;
    for (int64_t id = 0; id < pieces.size(); ++id) {
      EXPECT_EQ(pieces.piece(id), tokens[static_cast<std::size_t>(id)]);
      all.push_back(id);
    }
    all.push_back(pieces.size());  // beyond the vocabulary
    for (int64_t id = pieces.size(); id-- > 0;) all.push_back(id);
    EXPECT_THAT(form.at("named").get<Ids>(),
                ElementsAre(pieces.unk_id(), pieces.sep_id(), pieces.pad_id(), pieces.cls_id()));
    for (const Json& answer : form.at("texts")) {
      const std::string& input = answer.at("text").string();
      EXPECT_EQ(pieces.encode(input), answer.at("ids").get<Ids>()) << input;
    }
    EXPECT_EQ(pieces.decode(all), form.at("decoded").get<std::string>());
    EXPECT_EQ(pieces.decode(all, false), form.at("decoded_with_special").get<std::string>());
  }
}

TEST(WordPiece, EqualsTheGoldenAnswers) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const WordPiece pieces = WordPiece::load(shared::path("reference/golden/captioner/model"));
  EXPECT_EQ(pieces.size(), 30524);
  EXPECT_EQ(pieces.id("[DEC]"), 30522);
  EXPECT_EQ(pieces.id("[ENC]"), 30523);
  const Json answers = base::read_json(shared::path("reference/golden/captioner/tokenizer.json"));
  ASSERT_EQ(answers.size(), 16u);
  for (const Json& answer : answers) {
    const std::string& input = answer.at("text").string();
    const Ids ids = answer.at("ids").get<Ids>();
    Ids found = pieces.encode(input);
    found.insert(found.begin(), pieces.cls_id());
    found.push_back(pieces.sep_id());
    EXPECT_EQ(found, ids) << input;
    EXPECT_EQ(pieces.decode(ids), answer.at("decoded").get<std::string>()) << input;
  }
}

TEST(WordPiece, IsTheSameFromVocabTxtAndFromTokenizerJson) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const std::filesystem::path model = shared::path("reference/golden/captioner/model");
  for (const char* left_out : {"vocab.txt", "tokenizer.json"}) {
    const TemporaryFolder folder;
    for (const char* name : {"vocab.txt", "tokenizer.json", "tokenizer_config.json"}) {
      if (std::string(name) != left_out) std::filesystem::copy(model / name, folder / name);
    }
    const WordPiece pieces = WordPiece::load(folder.path());
    EXPECT_EQ(pieces.size(), 30524) << "without " << left_out;
    EXPECT_THAT(pieces.encode("[DEC] a navy t-shirt[ENC]"),
                ElementsAre(30522, 1037, 3212, 1056, 1011, 3797, 30523));
  }
}

TEST(WordPiece, DropsBytesThatAreNotUtf8) {
  const WordPiece pieces = tokenizer();
  const Ids shirt = pieces.encode("shirt");
  for (const std::string bytes : {"\xff", "\x80", "\xc3", "\xe6\x97", "\xf0\x9f\x98", "\xc0\xaf",
                                  "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_EQ(pieces.encode("shi" + bytes + "rt"), shirt);
    EXPECT_EQ(pieces.encode(bytes + "[SEP]"), Ids{pieces.sep_id()});
  }
  EXPECT_EQ(pieces.encode("shi\xef\xbf\xbdrt"), shirt);  // U+FFFD itself
  EXPECT_EQ(pieces.encode(std::string("shi\0rt", 6)), shirt);
}

TEST(WordPiece, FindsIdsAndPieces) {
  const WordPiece pieces({"[UNK]", "a", "ab", "##c"});
  EXPECT_EQ(pieces.id("a"), 1);
  EXPECT_EQ(pieces.id("ab"), 2);
  EXPECT_EQ(pieces.id("##c"), 3);
  EXPECT_EQ(pieces.id("abc"), -1);
  EXPECT_EQ(pieces.id("##"), -1);
  EXPECT_EQ(pieces.id(""), -1);
  EXPECT_EQ(pieces.id("[SEP]"), pieces.sep_id());
  EXPECT_EQ(pieces.piece(3), "##c");
  for (const int64_t id : {int64_t{-1}, pieces.size(), int64_t{1} << 40}) {
    try {
      pieces.piece(id);
      FAIL() << "no error for " << id;
    } catch (const base::UsageError& error) {
      EXPECT_EQ(error.what(), base::str("token id ", id, " is outside the vocabulary of 8 pieces"));
    }
  }
}

TEST(WordPiece, CanBeCopied) {
  const auto original = std::make_unique<WordPiece>(tokenizer());
  const WordPiece copy = *original;
  EXPECT_EQ(copy.encode("[SEP] the shirt"), original->encode("[SEP] the shirt"));
}

TEST(WordPiece, RefusesNegativeIds) {
  const Ids ids{1, -7};
  EXPECT_THROW(tokenizer().decode(ids), base::UsageError);
  EXPECT_EQ(tokenizer().decode(Ids{int64_t{1} << 62}), "");
}

TEST(WordPiece, TakesTimeLinearInTheText) {
  const WordPiece pieces = tokenizer();
  for (const char* part : {"a", "[", "[SEP]", "\u0301\u0323", " ", "\xff", "red ", "\u4e2d"}) {
    const auto encode = [&](std::size_t times) {
      std::string text = "e";
      for (std::size_t i = 0; i < times; ++i) text += part;
      EXPECT_GE(pieces.encode(text).size(), 1u);
    };
    EXPECT_LT(growth::of_fourfold(encode, 20'000), growth::kLinear) << part;
  }
  const auto decode = [&](std::size_t times) {
    EXPECT_EQ(pieces.decode(Ids(times, pieces.id("##t"))).size(), times + 2);
  };
  EXPECT_LT(growth::of_fourfold(decode, 100'000), growth::kLinear);
}

TEST(WordPiece, CutsHugeTexts) {
  const WordPiece pieces = tokenizer();
  const auto repeated = [](std::string_view part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += part;
    return text;
  };
#ifdef BLIP_SANITIZED
  constexpr std::size_t kMany = 200'000;
#else
  constexpr std::size_t kMany = 2'000'000;
#endif
  EXPECT_EQ(pieces.encode(std::string(kMany, 'a')), Ids{pieces.unk_id()});
  EXPECT_EQ(pieces.encode(repeated("[", kMany)).size(), kMany);
  EXPECT_EQ(pieces.encode(repeated("[SEP]", kMany)).size(), kMany);
  EXPECT_EQ(pieces.encode("e" + repeated("\u0301\u0323", kMany / 2)), pieces.encode("e"));
  EXPECT_EQ(pieces.encode(repeated(" ", kMany)), Ids{});
  EXPECT_EQ(pieces.encode(repeated("\xff", kMany)), Ids{});
  const Ids ids(kMany, pieces.id("##t"));
  EXPECT_EQ(pieces.decode(ids).size(), kMany + 2);
}

}  // namespace
