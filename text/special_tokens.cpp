#include "text/special_tokens.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "text/normalize.h"

namespace text {
namespace {

using base::FormatError;
using base::str;

constexpr std::array<std::string_view, 7> kStandard = {
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"};

/// Gives every token its id: that of its piece, else the next after all before it.
class Numbering {
 public:
  Numbering(Vocabulary& vocabulary, const std::string& source)
      : vocabulary_(vocabulary), source_(source) {
    for (const std::string& piece : vocabulary.pieces) {
      if (!ids_.emplace(piece, static_cast<int64_t>(ids_.size())).second) {
        throw FormatError(str(source, ": duplicate piece \"", piece, "\", as id ", ids_.at(piece),
                              " and ", ids_.size()));
      }
    }
    next_ = static_cast<int64_t>(ids_.size());
  }

  bool has_piece(const std::string& content) const { return ids_.contains(content); }
  int64_t id(const std::string& content) const { return ids_.at(content); }

  void add(AddedToken token) {
    if (!added_.insert(token.content).second) return;
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
  std::unordered_set<std::string> added_;
  int64_t next_ = 0;
};

}  // namespace

SpecialTokens::SpecialTokens() {
  for (const std::string_view key : kStandard) named.emplace_back(key, AddedToken{});
}

bool SpecialTokens::is_standard(std::string_view key) {
  return std::find(kStandard.begin(), kStandard.end(), key) != kStandard.end();
}

AddedToken& SpecialTokens::name(const std::string& key) {
  for (auto& [other, token] : named) {
    if (other == key) return token;
  }
  return named.emplace_back(key, AddedToken{}).second;
}

void SpecialTokens::fill_defaults() {
  constexpr std::pair<const char*, const char*> kDefaults[] = {{"unk_token", "[UNK]"},
                                                               {"sep_token", "[SEP]"},
                                                               {"pad_token", "[PAD]"},
                                                               {"cls_token", "[CLS]"},
                                                               {"mask_token", "[MASK]"}};
  for (const auto& [key, content] : kDefaults) {
    if (AddedToken& token = name(key); token.content.empty()) token.content = content;
  }
}

bool SpecialTokens::is_named(const std::string& content) const {
  return std::any_of(named.begin(), named.end(),
                     [&](const auto& entry) { return entry.second.content == content; });
}

bool SpecialTokens::is_extra(const std::string& content) const {
  return std::any_of(extra.begin(), extra.end(),
                     [&](const AddedToken& token) { return token.content == content; });
}

void number(Vocabulary& vocabulary, SpecialTokens tokens, const std::string& source) {
  if (vocabulary.pieces.empty()) throw FormatError(str(source, ": the vocabulary is empty"));
  Numbering numbering(vocabulary, source);
  if (const std::string& unk = tokens.name("unk_token").content; !numbering.has_piece(unk)) {
    throw FormatError(str(source, ": the unknown token \"", unk, "\" is not in the vocabulary"));
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
  }
  for (const AddedToken& token : tokens.extra) numbering.add(token);
  vocabulary.unk = numbering.id(tokens.name("unk_token").content);
  vocabulary.sep = numbering.id(tokens.name("sep_token").content);
  vocabulary.pad = numbering.id(tokens.name("pad_token").content);
  vocabulary.cls = numbering.id(tokens.name("cls_token").content);
}

}  // namespace text
