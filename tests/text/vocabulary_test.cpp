// Folders that say something wrong. What right folders say is in wordpiece_test.cpp.
#include "text/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/json.h"
#include "tests/temporary_folder.h"

namespace {

using base::Json;
using testing::HasSubstr;

/// The message of the FormatError that loading the folder throws.
std::string refusal(const TemporaryFolder& folder) {
  try {
    text::read_vocabulary(folder.path());
  } catch (const base::FormatError& error) {
    return error.what();
  }
  return "no error";
}

std::string refusal_of_lines(std::string_view content) {
  const TemporaryFolder folder;
  folder.write("vocab.txt", content);
  return refusal(folder);
}

TEST(Vocabulary, NamesTheLineOfVocabTxtThatIsWrong) {
  EXPECT_THAT(refusal_of_lines(""), HasSubstr("vocab.txt: the vocabulary is empty"));
  EXPECT_THAT(refusal_of_lines("[UNK]\na\n\nb\n"),
              HasSubstr("vocab.txt, line 3: empty line, expected a piece"));
  EXPECT_THAT(refusal_of_lines("[UNK]\n\u3000\n"), HasSubstr("vocab.txt, line 2: empty line"));
  EXPECT_THAT(refusal_of_lines("[UNK]\na\xff\n"), HasSubstr("vocab.txt, line 2: not UTF-8"));
  EXPECT_THAT(refusal_of_lines(std::string_view("[UNK]\na\0b\n", 10)),
              HasSubstr("vocab.txt, line 2: control character in a piece"));
  EXPECT_THAT(refusal_of_lines("[UNK]\na\nb\na\n"),
              HasSubstr("vocab.txt: duplicate piece \"a\", as id 1 and 3"));
  EXPECT_THAT(refusal_of_lines("[CLS]\na\n"),
              HasSubstr("vocab.txt: the unknown token \"[UNK]\" is not in the vocabulary"));
}

TEST(Vocabulary, SaysWhichFilesItLookedFor) {
  const TemporaryFolder folder;
  try {
    text::read_vocabulary(folder.path());
    FAIL() << "no error";
  } catch (const base::FileError& error) {
    EXPECT_EQ(error.what(), folder.path().string() + ": has neither vocab.txt nor tokenizer.json");
  }
  EXPECT_THROW(text::read_vocabulary(folder.path() / "absent"), base::FileError);
  EXPECT_THROW(text::read_vocabulary(folder.write("vocab.txt", "")), base::FileError);
}

Json tokenizer_json() {
  return base::parse_json(R"({
    "added_tokens": [{"id": 4, "content": "[DEC]", "special": true, "normalized": false}],
    "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                   "strip_accents": null, "lowercase": true},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
    "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "a": 1, "b": 2, "c": 3}}})",
                          "tokenizer.json");
}

/// What a folder with the file above, changed at one place, is refused for.
std::string refusal_with(const char* pointer, const Json& value) {
  Json json = tokenizer_json();
  std::string key;
  Json* place = &json;
  for (std::istringstream keys(pointer + 1); std::getline(keys, key, '/');) {
    place = place->is_array() ? &(*place)[std::stoul(key)] : &(*place)[key];
  }
  *place = value;
  const TemporaryFolder folder;
  folder.write("tokenizer.json", json.dump());
  return refusal(folder);
}

TEST(Vocabulary, RefusesTokenizersThatAreNotBerts) {
  EXPECT_EQ(refusal_with("/version", "1.0"), "no error");
  EXPECT_THAT(refusal_with("/model/type", "BPE"),
              HasSubstr("tokenizer.json: model.type is \"BPE\", expected \"WordPiece\""));
  EXPECT_THAT(refusal_with("/model/continuing_subword_prefix", "@@"),
              HasSubstr("model.continuing_subword_prefix is \"@@\", expected \"##\""));
  EXPECT_THAT(refusal_with("/model/max_input_chars_per_word", 7),
              HasSubstr("model.max_input_chars_per_word is 7, expected 100"));
  EXPECT_THAT(refusal_with("/model/unk_token", "<unk>"),
              HasSubstr("model.unk_token is \"<unk>\", expected \"[UNK]\""));
  EXPECT_THAT(refusal_with("/normalizer/type", "NFKC"),
              HasSubstr("normalizer.type is \"NFKC\", expected \"BertNormalizer\""));
  EXPECT_THAT(refusal_with("/normalizer", nullptr), HasSubstr("normalizer is missing"));
  EXPECT_THAT(refusal_with("/normalizer/clean_text", false),
              HasSubstr("normalizer.clean_text is false, expected true"));
  EXPECT_THAT(refusal_with("/pre_tokenizer/type", "Whitespace"),
              HasSubstr("pre_tokenizer.type is \"Whitespace\", expected \"BertPreTokenizer\""));
  EXPECT_THAT(refusal_with("/decoder/cleanup", false),
              HasSubstr("decoder.cleanup is false, expected true"));
}

TEST(Vocabulary, RefusesSettingsThatContradictEachOther) {
  EXPECT_THAT(refusal_with("/normalizer/lowercase", false),
              HasSubstr("normalizer.lowercase is false, expected true"));
  EXPECT_THAT(refusal_with("/normalizer/strip_accents", false),
              HasSubstr("normalizer.strip_accents is false, expected true"));
  const TemporaryFolder folder;
  folder.write("tokenizer.json", tokenizer_json().dump());
  folder.write("tokenizer_config.json", R"({"tokenize_chinese_chars": false})");
  EXPECT_THAT(refusal(folder),
              HasSubstr("normalizer.handle_chinese_chars is true, expected false"));
}

TEST(Vocabulary, RefusesIdsThatAreNotACount) {
  EXPECT_THAT(refusal_with("/model/vocab/c", 4),
              HasSubstr("model.vocab.c is 4, expected an id below 4, the number of pieces"));
  EXPECT_THAT(refusal_with("/model/vocab/c", 2),
              HasSubstr("model.vocab.c is 2, expected an id other than that of \"b\""));
  EXPECT_THAT(refusal_with("/model/vocab/c", -3), HasSubstr("is -3, expected a token id"));
  EXPECT_THAT(refusal_with("/model/vocab/c", 1e9), HasSubstr("expected a token id"));
  EXPECT_THAT(refusal_with("/model/vocab/c", 18446744073709551615u),
              HasSubstr("is 18446744073709551615, expected a token id"));
  EXPECT_THAT(refusal_with("/model/vocab/c", "3"), HasSubstr("is \"3\", expected a token id"));
  EXPECT_THAT(refusal_with("/model/vocab", Json::array()), HasSubstr("model.vocab is []"));
  EXPECT_THAT(refusal_with("/model/vocab", Json::object()), HasSubstr("the vocabulary is empty"));
  EXPECT_THAT(refusal_with("/model", Json::array()), HasSubstr("model is [], expected an object"));
  EXPECT_THAT(refusal_with("/added_tokens/0/id", 9),
              HasSubstr("added token \"[DEC]\" has id 9, expected 4"));
  EXPECT_THAT(refusal_with("/added_tokens/0/id", -1),
              HasSubstr("added_tokens[0].id is -1, expected a token id"));
  EXPECT_THAT(refusal_with("/added_tokens/0/content", "a"),
              HasSubstr("added token \"a\" has id 4, expected 1"));
}

TEST(Vocabulary, RefusesTokensThatItCannotFind) {
  EXPECT_THAT(refusal_with("/added_tokens/0/lstrip", true),
              HasSubstr("added_tokens[0].lstrip is true, expected false"));
  EXPECT_THAT(refusal_with("/added_tokens/0/single_word", true), HasSubstr("expected false"));
  EXPECT_THAT(refusal_with("/added_tokens/0/content", ""), HasSubstr("expected a token"));
  EXPECT_THAT(refusal_with("/added_tokens/0/content", 5), HasSubstr("is 5, expected a string"));
  EXPECT_THAT(
      refusal_with("/added_tokens/0", Json{{"id", 4}, {"content", "\u0301"}, {"normalized", true}}),
      HasSubstr("added token 4 normalises to nothing"));
}

std::string refusal_of_config(const Json& config) {
  const TemporaryFolder folder;
  folder.write("vocab.txt", "[UNK]\na\n");
  folder.write("tokenizer_config.json", config.dump());
  return refusal(folder);
}

TEST(Vocabulary, RefusesSettingsThatItDoesNotKnow) {
  EXPECT_EQ(refusal_of_config({{"do_lower_case", true}, {"model_max_length", 1e30}}), "no error");
  EXPECT_EQ(refusal_of_config({{"tokenizer_class", "BertTokenizerFast"}, {"bos_token", nullptr}}),
            "no error");
  EXPECT_THAT(refusal_of_config({{"tokenizer_class", "GPT2Tokenizer"}}),
              HasSubstr("tokenizer_class is \"GPT2Tokenizer\", expected BertTokenizer"));
  EXPECT_THAT(refusal_of_config({{"do_lower_case", "yes"}}),
              HasSubstr("do_lower_case is \"yes\", expected true or false"));
  EXPECT_THAT(refusal_of_config({{"split_special_tokens", true}}), HasSubstr("expected false"));
  EXPECT_THAT(refusal_of_config({{"bos_token", 5}}), HasSubstr("bos_token is 5"));
  EXPECT_THAT(refusal_of_config({{"extra_special_tokens", "[ENC]"}}), HasSubstr("expected a list"));
  EXPECT_THAT(refusal_of_config({{"added_tokens_decoder", {{"x", {{"content", "[DEC]"}}}}}}),
              HasSubstr("expected a token id as its key"));
  EXPECT_THAT(refusal_of_config(Json::array()), HasSubstr("tokenizer_config.json is [], expected"));
}

TEST(Vocabulary, RefusesFilesThatDisagree) {
  const TemporaryFolder folder;
  folder.write("tokenizer.json", tokenizer_json().dump());
  folder.write("vocab.txt", "[UNK]\na\nx\nc\n");
  EXPECT_THAT(refusal(folder),
              HasSubstr(": id 2 is \"x\" in vocab.txt and \"b\" in tokenizer.json"));
  folder.write("vocab.txt", "[UNK]\na\nb\nc\n[DEC]\n");
  EXPECT_EQ(refusal(folder), "no error");
  folder.write("vocab.txt", "[UNK]\na\nb\nc\n[DEC]\nd\n");
  EXPECT_THAT(refusal(folder),
              HasSubstr(": id 5 is \"d\" in vocab.txt and absent in tokenizer.json"));
  folder.write("vocab.txt", "[UNK]\na\nb\n");
  EXPECT_THAT(refusal(folder),
              HasSubstr(": id 3 is absent in vocab.txt and \"c\" in tokenizer.json"));
  folder.write("vocab.txt", "[UNK]\na\nb\nc\n");
  folder.write("added_tokens.json", R"({"[ENC]": 4})");
  EXPECT_THAT(refusal(folder), HasSubstr("\"[ENC]\", which id 4 is elsewhere"));
}

TEST(Vocabulary, NamesTheLineOfBrokenJson) {
  const TemporaryFolder folder;
  folder.write("tokenizer.json", "{\n\"model\": {\n");
  EXPECT_THAT(refusal(folder), HasSubstr("tokenizer.json:3: not valid JSON"));
}

}  // namespace
