// BERT's uncased WordPiece tokenizer (Devlin et al., 2019), equal to transformers' BertTokenizer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace text {

class WordPiece {
 public:
  /// From a model folder: vocab.txt or, where only that exists, tokenizer.json; special tokens that
  /// lie beyond the vocabulary ([DEC], [ENC]) from tokenizer_config.json, added_tokens.json or
  /// tokenizer.json.
  static WordPiece load(const std::filesystem::path& folder);
  /// From the pieces, in the order of their ids.
  explicit WordPiece(std::vector<std::string> pieces);

  /// The ids of a text without [CLS] and [SEP]. Bytes that are not UTF-8 become U+FFFD first.
  std::vector<int64_t> encode(std::string_view text) const;
  /// The text of ids as transformers' `decode(ids, skip_special_tokens=True)` gives it.
  std::string decode(std::span<const int64_t> ids, bool skip_special_tokens = true) const;

  int64_t size() const;
  /// The piece of an id; UsageError outside the vocabulary.
  const std::string& piece(int64_t id) const;
  /// The id of a piece, or -1.
  int64_t id(std::string_view piece) const;
  int64_t cls_id() const;
  int64_t sep_id() const;
  int64_t pad_id() const;
  int64_t unk_id() const;
};

}  // namespace text
