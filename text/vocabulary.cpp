#include "text/vocabulary.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/json_value.h"
#include "base/lines.h"
#include "base/utf8.h"
#include "text/special_tokens.h"
#include "text/unicode.h"

namespace text {
namespace {

using base::FormatError;
using base::JsonValue;
using base::str;
namespace fs = std::filesystem;

/// `line` without the whitespace at its end.
std::string_view trim_end(std::string_view line) {
  std::size_t size = 0;  // up to the last code point that is no whitespace
  for (std::string_view rest = line; !rest.empty();) {
    if (!is_whitespace(base::take_code_point(rest))) size = line.size() - rest.size();
  }
  return line.substr(0, size);
}

std::vector<std::string> read_vocab_txt(const fs::path& path) {
  const std::string content = base::read_file(path);
  std::vector<std::string> pieces;
  base::Lines lines(content, path.string());
  while (const auto whole = lines.next()) {
    const std::string_view line = trim_end(*whole);
    if (line.empty()) lines.fail("empty line, expected a piece");
    if (!base::is_utf8(line)) lines.fail("not UTF-8");
    for (const char c : line) {
      if (static_cast<unsigned char>(c) < 0x20) lines.fail("control character in a piece");
    }
    pieces.emplace_back(line);
  }
  return pieces;
}

bool is_there(const fs::path& path) {
  std::error_code error;
  const bool found = fs::exists(path, error);
  if (error) throw base::FileError(str(path.string(), ": cannot open: ", error.message()));
  return found;
}

/// A JSON file; one that does not exist reads as an empty object.
struct JsonFile {
  std::string name;
  base::Json json;

  explicit JsonFile(const fs::path& path)
      : name(path.string()), json(is_there(path) ? base::read_json(path) : base::Json::object()) {}
  JsonValue root() const { return {json, name}; }
};

/// A token as the files write it: a string, or an object with flags.
AddedToken read_token(const JsonValue& value, bool special) {
  AddedToken token;
  token.special = special;
  token.normalized = !special;
  if (value.is_object()) {
    token.content = value.at("content").string();
    token.special = value.flag("special", special);
    token.normalized = value.flag("normalized", !token.special);
    for (const char* unsupported : {"single_word", "lstrip", "rstrip"}) {
      if (value.flag(unsupported, false)) value.at(unsupported).refuse("false");
    }
  } else {
    token.content = value.string();
  }
  if (token.content.empty()) value.refuse("a token");
  return token;
}

/// The *_token entries and lists of special tokens of tokenizer_config.json or
/// special_tokens_map.json.
void read_special_tokens(const JsonValue& config, SpecialTokens& tokens) {
  for (const auto& [key, value] : config.members()) {
    if (value.is_null()) continue;
    if (SpecialTokens::is_standard(key) ||
        (key.ends_with("_token") && (value.is_string() || value.is_object()))) {
      tokens.name(key) = read_token(value, true);
    } else if (key == "extra_special_tokens" && value.is_object()) {
      for (const auto& [name, token] : value.members()) tokens.name(name) = read_token(token, true);
    }
  }
}

void read_extra_tokens(const JsonValue& config, const char* key, SpecialTokens& tokens) {
  const auto list = config.find(key);
  if (!list || list->is_object()) return;
  for (const JsonValue& value : list->elements()) {
    AddedToken token = read_token(value, true);
    if (!tokens.is_extra(token.content)) tokens.extra.push_back(std::move(token));
  }
}

/// The id that is the key of an entry of added_tokens_decoder.
int64_t key_id(std::string_view key, const JsonValue& value) {
  int32_t id = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
  if (error != std::errc() || end != key.data() + key.size() || id < 0) {
    value.refuse("a token id as its key");
  }
  return id;
}

void state(SpecialTokens& tokens, int64_t id, AddedToken token, const JsonValue& value) {
  const auto [entry, is_new] = tokens.stated.emplace(id, token);
  if (!is_new && entry->second.content != token.content) {
    value.refuse(str("\"", entry->second.content, "\", which id ", id, " is elsewhere"));
  }
  entry->second = std::move(token);
}

/// The pieces of tokenizer.json, after a look at whether all the rest is BERT's.
std::vector<std::string> read_model(const JsonValue& file, const Normalization& wanted,
                                    const std::string& unk) {
  const JsonValue model = file.at("model"), normalizer = file.at("normalizer");
  model.expect("type", "WordPiece");
  model.expect("unk_token", unk);
  model.expect("continuing_subword_prefix", "##");
  model.expect("max_input_chars_per_word", 100);
  file.at("pre_tokenizer").at("type").expect("BertPreTokenizer");
  if (const auto decoder = file.find("decoder")) {
    decoder->at("type").expect("WordPiece");
    decoder->expect("prefix", "##");
    decoder->expect("cleanup", true);
  }
  normalizer.at("type").expect("BertNormalizer");
  normalizer.expect("clean_text", true);
  normalizer.expect("lowercase", wanted.lower_case);
  normalizer.expect("strip_accents", wanted.strip_accents);
  normalizer.expect("handle_chinese_chars", wanted.separate_ideographs);

  const auto entries = model.at("vocab").members();
  std::vector<std::string> pieces(entries.size());
  for (const auto& [piece, value] : entries) {
    const int64_t id = value.token_id();
    if (id >= static_cast<int64_t>(pieces.size())) {
      value.refuse(str("an id below ", pieces.size(), ", the number of pieces"));
    }
    if (piece.empty()) value.refuse("no empty piece");
    std::string& place = pieces[static_cast<std::size_t>(id)];
    if (!place.empty()) value.refuse(str("an id other than that of \"", place, "\""));
    place = piece;
  }
  return pieces;
}

/// Every line of vocab.txt must be the piece, or else the added token, of that id.
void check_equal(const std::vector<std::string>& lines, std::vector<std::string> tokens,
                 const SpecialTokens& special, const fs::path& folder) {
  const std::size_t pieces = tokens.size();
  for (const auto& [id, token] : special.stated) {
    if (id == static_cast<int64_t>(tokens.size())) tokens.push_back(token.content);
  }
  for (std::size_t id = 0; id < std::max(lines.size(), pieces); ++id) {
    const auto show = [id](const std::vector<std::string>& all) {
      return id < all.size() ? str('"', all[id], '"') : std::string("absent");
    };
    if (show(lines) != show(tokens)) {
      throw FormatError(str(folder.string(), ": id ", id, " is ", show(lines), " in vocab.txt and ",
                            show(tokens), " in tokenizer.json"));
    }
  }
}

void read_settings(const JsonValue& config, Vocabulary& vocabulary) {
  if (const auto type = config.find("tokenizer_class")) {
    if (type->string() != "BertTokenizer" && type->string() != "BertTokenizerFast") {
      type->refuse("BertTokenizer");
    }
  }
  config.expect("split_special_tokens", false);
  Normalization& normalization = vocabulary.normalization;
  normalization.lower_case = config.flag("do_lower_case", true);
  normalization.strip_accents = config.flag("strip_accents", normalization.lower_case);
  normalization.separate_ideographs = config.flag("tokenize_chinese_chars", true);
  vocabulary.clean_up_spaces = config.flag("clean_up_tokenization_spaces", false);
}

SpecialTokens read_tokens(const fs::path& folder, const JsonValue& config,
                          const JsonValue& tokenizer) {
  SpecialTokens tokens;
  read_special_tokens(config, tokens);
  read_extra_tokens(config, "extra_special_tokens", tokens);
  read_extra_tokens(config, "additional_special_tokens", tokens);
  if (const auto decoder = config.find("added_tokens_decoder")) {
    // transformers reads no other file then.
    for (const auto& [key, value] : decoder->members()) {
      state(tokens, key_id(key, value), read_token(value, false), value);
    }
    tokens.fill_defaults();
    return tokens;
  }
  const JsonFile map(folder / "special_tokens_map.json"), added(folder / "added_tokens.json");
  read_special_tokens(map.root(), tokens);
  read_extra_tokens(map.root(), "extra_special_tokens", tokens);
  for (const auto& [content, id] : added.root().members()) {
    if (content.empty()) id.refuse("no empty token");
    const bool special = tokens.is_named(content) || tokens.is_extra(content);
    state(tokens, id.token_id(), {content, 0, special, !special}, id);
  }
  tokens.fill_defaults();
  if (const auto list = tokenizer.find("added_tokens")) {
    for (const JsonValue& value : list->elements()) {
      state(tokens, value.at("id").token_id(), read_token(value, false), value);
    }
  }
  // Only now: transformers does not count these as special where added_tokens.json has them.
  read_extra_tokens(map.root(), "additional_special_tokens", tokens);
  return tokens;
}

}  // namespace

Vocabulary plain_vocabulary(std::vector<std::string> pieces) {
  Vocabulary vocabulary;
  vocabulary.pieces = std::move(pieces);
  SpecialTokens tokens;
  tokens.fill_defaults();
  number(vocabulary, tokens, "vocabulary");
  return vocabulary;
}

Vocabulary read_vocabulary(const fs::path& folder) {
  const fs::path vocab_txt = folder / "vocab.txt", tokenizer_json = folder / "tokenizer.json";
  const bool has_lines = is_there(vocab_txt), has_json = is_there(tokenizer_json);
  if (!has_lines && !has_json) {
    throw base::FileError(str(folder.string(), ": has neither vocab.txt nor tokenizer.json"));
  }
  const JsonFile config(folder / "tokenizer_config.json"), tokenizer(tokenizer_json);
  Vocabulary vocabulary;
  read_settings(config.root(), vocabulary);
  SpecialTokens tokens = read_tokens(folder, config.root(), tokenizer.root());
  std::vector<std::string> lines;
  if (has_lines) lines = read_vocab_txt(vocab_txt);
  if (has_json) {
    const std::string& unk = tokens.name("unk_token").content;
    vocabulary.pieces = read_model(tokenizer.root(), vocabulary.normalization, unk);
    if (has_lines) check_equal(lines, vocabulary.pieces, tokens, folder);
  } else {
    vocabulary.pieces = std::move(lines);
  }
  number(vocabulary, tokens, (has_json ? tokenizer_json : vocab_txt).string());
  return vocabulary;
}

}  // namespace text
