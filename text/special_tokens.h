// The special and added tokens of a folder while its files are read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/vocabulary.h"

namespace text {

/// What the files say about tokens, before ids are given.
struct SpecialTokens {
  std::map<int64_t, AddedToken> stated;  ///< with the ids that the files state
  /// bos_token, eos_token, unk_token, sep_token, pad_token, cls_token, mask_token, then other
  /// *_token entries; without content where nothing was said.
  std::vector<std::pair<std::string, AddedToken>> named;
  std::vector<AddedToken> extra;

  SpecialTokens();
  static bool is_standard(std::string_view key);
  /// The token of a *_token entry, made if there is none.
  AddedToken& name(const std::string& key);
  /// BertTokenizer's own names ([UNK], ...) for what the files leave open.
  void fill_defaults();
  bool is_named(const std::string& content) const;
  bool is_extra(const std::string& content) const;
};

/// Gives every token the id of its piece, else the next one after all before it, as transformers
/// does: in the order stated, named, extra. Fills `added`, unk, sep, pad and cls. FormatError,
/// which begins with `source`, for a duplicate piece, an unknown token that is no piece,
/// and a stated id that is not the one given.
void number(Vocabulary& vocabulary, SpecialTokens tokens, const std::string& source);

}  // namespace text
