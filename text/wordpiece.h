// BERT's WordPiece tokenizer (Devlin et al., 2019), equal to transformers' BertTokenizer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/token_finder.h"
#include "text/vocabulary.h"

namespace text {

class WordPiece {
 public:
  /// From a model folder (text/vocabulary.h says which files, and which errors).
  static WordPiece load(const std::filesystem::path& folder);
  /// From the pieces, in the order of their ids.
  explicit WordPiece(std::vector<std::string> pieces);
  explicit WordPiece(Vocabulary vocabulary);

  /// The ids of a text without [CLS] and [SEP]. Bytes that are not UTF-8 become U+FFFD first, which
  /// BERT drops. Special tokens that stand in the text ("[SEP]") are found. Time is linear.
  std::vector<int64_t> encode(std::string_view text) const;
  /// The text of ids, as transformers' `decode(ids, skip_special_tokens)` gives it: an id beyond
  /// the vocabulary adds nothing (BLIP begins with 30522, which its own folders do not name); a
  /// negative one is a UsageError.
  std::string decode(std::span<const int64_t> ids, bool skip_special_tokens = true) const;

  /// Pieces and added tokens together.
  int64_t size() const { return static_cast<int64_t>(tokens_.size()); }
  /// The piece of an id; UsageError outside the vocabulary.
  const std::string& piece(int64_t id) const;
  /// The id of a piece, or -1.
  int64_t id(std::string_view piece) const;
  int64_t cls_id() const { return vocabulary_.cls; }
  int64_t sep_id() const { return vocabulary_.sep; }
  int64_t pad_id() const { return vocabulary_.pad; }
  int64_t unk_id() const { return vocabulary_.unk; }

 private:
  /// Part of sorted_: the pieces that begin with the same bytes.
  struct Group {
    std::size_t begin, end;
  };
  struct Match {
    int64_t id;        // -1: none
    std::size_t size;  // of the text that the piece covers
  };

  void encode_words(std::string_view normalized, std::vector<int64_t>& ids) const;
  void encode_word(std::string_view word, std::vector<int64_t>& ids) const;
  Group narrow(Group group, std::size_t depth, char byte) const;
  Match longest(Group group, std::size_t depth, std::string_view text) const;

  Vocabulary vocabulary_;            // but its pieces are in tokens_
  std::vector<std::string> tokens_;  // by id: the pieces, then the added tokens that are none
  std::vector<bool> special_;        // by id
  std::vector<uint32_t> sorted_;     // the ids of the pieces in byte order: a trie, laid flat
  Group continuations_{};            // the pieces that begin with "##"
  TokenFinder raw_, normalized_;     // the added tokens, by the text in which they are found
};

}  // namespace text
