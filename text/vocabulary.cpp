#include "text/vocabulary.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "text/json_value.h"
#include "text/unicode.h"

namespace text {
namespace {

using base::FormatError;
using base::str;
namespace fs = std::filesystem;

/// The named special tokens, in the order in which transformers gives them ids.
constexpr std::array<std::string_view, 7> kNames = {
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};

/// What the files of a folder say about tokens, before ids are given.
struct Tokens {
  std::map<int64_t, AddedToken> stated;                   // with the ids that the files state
  std::vector<std::pair<std::string, AddedToken>> named;  // kNames first, then other *_token
  std::vector<AddedToken> extra;

  Tokens() {
    for (const std::string_view name : kNames) named.emplace_back(name, AddedToken{});
  }
  AddedToken& name(const std::string& key) {
    for (auto& [other, token] : named) {
      if (other == key) return token;
    }
    return named.emplace_back(key, AddedToken{}).second;
  }
  void name_by_default(const std::string& key, const char* content) {
    if (AddedToken& token = name(key); token.content.empty()) token.content = content;
  }
  /// BertTokenizer's own names, for what the files leave open.
  void fill_defaults() {
    name_by_default("unk_token", "[UNK]");
    name_by_default("sep_token", "[SEP]");
    name_by_default("pad_token", "[PAD]");
    name_by_default("cls_token", "[CLS]");
    name_by_default("mask_token", "[MASK]");
  }
  bool is_named(const std::string& content) const {
    for (const auto& [key, token] : named) {
      if (token.content == content) return true;
    }
    return false;
  }
  bool is_extra(const std::string& content) const {
    for (const AddedToken& token : extra) {
      if (token.content == content) return true;
    }
    return false;
  }
};

/// Gives every token its id: that of its piece, else the next after all before it.
class Numbering {
 public:
  Numbering(Vocabulary& vocabulary, const std::string& source)
      : vocabulary_(vocabulary), source_(source) {
    for (const std::string& piece : vocabulary.pieces) {
      if (!ids_.emplace(piece, static_cast<int64_t>(ids_.size())).second) {
        throw FormatError(str(source, ": piece \"", piece, "\" stands twice, as id ",
                              ids_.at(piece), " and ", ids_.size()));
      }
    }
    next_ = static_cast<int64_t>(ids_.size());
  }

  bool has_piece(const std::string& content) const { return ids_.contains(content); }
  int64_t id(const std::string& content) const { return ids_.at(content); }

  void add(AddedToken token) {
    for (const AddedToken& other : vocabulary_.added) {
      if (other.content == token.content) return;
    }
    const auto [entry, is_new] = ids_.emplace(token.content, next_);
    if (is_new) ++next_;
    token.id = entry->second;
    if (token.normalized && normalize(token.content, vocabulary_.normalization).empty()) {
      throw FormatError(str(source_, ": added token ", token.id, " normalises to nothing"));
    }
    vocabulary_.added.push_back(std::move(token));
  }

 private:
  Vocabulary& vocabulary_;
  const std::string& source_;
  std::unordered_map<std::string, int64_t> ids_;
  int64_t next_ = 0;
};

void number(Vocabulary& vocabulary, const Tokens& tokens, const std::string& source) {
  if (vocabulary.pieces.empty()) throw FormatError(str(source, ": the vocabulary is empty"));
  Numbering numbering(vocabulary, source);
  for (const auto& [name, token] : tokens.named) {
    if (name == "unk_token" && !numbering.has_piece(token.content)) {
      throw FormatError(
          str(source, ": the unknown token \"", token.content, "\" is not in the vocabulary"));
    }
  }
  for (const auto& [id, stated] : tokens.stated) {
    AddedToken token = stated;
    if (tokens.is_named(token.content)) token.special = true;
    numbering.add(token);
    if (const int64_t given = numbering.id(token.content); given != id) {
      throw FormatError(
          str(source, ": added token \"", token.content, "\" has id ", id, ", expected ", given));
    }
  }
  for (const auto& [name, token] : tokens.named) {
    if (!token.content.empty()) numbering.add(token);
    const std::pair<const char*, int64_t*> kept[] = {{"unk_token", &vocabulary.unk},
                                                     {"sep_token", &vocabulary.sep},
                                                     {"pad_token", &vocabulary.pad},
                                                     {"cls_token", &vocabulary.cls}};
    for (const auto& [kept_name, id] : kept) {
      if (name == kept_name) *id = numbering.id(token.content);
    }
  }
  for (const AddedToken& token : tokens.extra) numbering.add(token);
}

/// `line` without the whitespace at its end.
std::string_view trim_end(std::string_view line) {
  std::size_t size = 0;  // up to the last code point that is no whitespace
  for (std::string_view rest = line; !rest.empty();) {
    if (!is_whitespace(take_code_point(rest))) size = line.size() - rest.size();
  }
  return line.substr(0, size);
}

std::vector<std::string> read_vocab_txt(const fs::path& path) {
  const std::string content = base::read_file(path);
  std::vector<std::string> pieces;
  for (std::string_view rest = content; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = trim_end(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto refuse = [&](std::string_view what) {
      throw FormatError(str(path.string(), ":", pieces.size() + 1, ": ", what));
    };
    if (line.empty()) refuse("empty line, expected a piece");
    if (!is_utf8(line)) refuse("not UTF-8");
    for (const char c : line) {
      if (static_cast<unsigned char>(c) < 0x20) refuse("control character in a piece");
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
  fs::path path;
  base::Json json;

  explicit JsonFile(fs::path file)
      : path(std::move(file)),
        json(is_there(path) ? base::read_json(path) : base::Json::object()) {}
  JsonValue root() const { return {json, path}; }
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
void read_special_tokens(const JsonValue& config, Tokens& tokens) {
  for (const auto& [key, value] : config.members()) {
    const bool standard = std::find(kNames.begin(), kNames.end(), key) != kNames.end();
    if (value.is_null()) continue;
    if (standard || (key.ends_with("_token") && (value.is_string() || value.is_object()))) {
      tokens.name(key) = read_token(value, true);
    } else if (key == "extra_special_tokens" && value.is_object()) {
      for (const auto& [name, token] : value.members()) tokens.name(name) = read_token(token, true);
    }
  }
}

void read_extra_tokens(const JsonValue& config, const char* key, Tokens& tokens) {
  const auto list = config.find(key);
  if (!list || list->is_object()) return;
  for (const JsonValue& value : list->elements()) {
    AddedToken token = read_token(value, true);
    if (!tokens.is_extra(token.content)) tokens.extra.push_back(std::move(token));
  }
}

/// The id that is the key of an entry of added_tokens_decoder.
int64_t key_id(const std::string& key, const JsonValue& value) {
  int32_t id = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
  if (error != std::errc() || end != key.data() + key.size() || id < 0) {
    value.refuse("a token id as its key");
  }
  return id;
}

void state(Tokens& tokens, int64_t id, AddedToken token, const JsonValue& value) {
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
                 const Tokens& special, const fs::path& folder) {
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

Tokens read_tokens(const fs::path& folder, const JsonValue& config, const JsonValue& tokenizer) {
  Tokens tokens;
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
  Tokens tokens;
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
  Tokens tokens = read_tokens(folder, config.root(), tokenizer.root());
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
