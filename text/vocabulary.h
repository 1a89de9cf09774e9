// What a model folder says about its WordPiece tokenizer, read as transformers 5.23 reads it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "text/normalize.h"

namespace text {

/// A token that is found as a whole before the text is cut into words.
struct AddedToken {
  std::string content;
  int64_t id = 0;
  bool special = true;      ///< left out by decoding
  bool normalized = false;  ///< its normalised form is found, in the normalised text
};

struct Vocabulary {
  std::vector<std::string> pieces;  ///< by id
  std::vector<AddedToken> added;    ///< some are pieces too; the ids of the rest follow the pieces'
  int64_t unk = 0, sep = 0, pad = 0, cls = 0;
  Normalization normalization;
  bool clean_up_spaces = false;  ///< once more over the whole decoded text
};

/// The vocabulary of a folder that holds nothing but vocab.txt: [UNK], which must be among the
/// pieces, [SEP], [PAD], [CLS] and [MASK] are special, and added where the pieces lack them.
Vocabulary plain_vocabulary(std::vector<std::string> pieces);

/// Reads vocab.txt, tokenizer.json, tokenizer_config.json, special_tokens_map.json and
/// added_tokens.json, of which one of the first two must be there; vocab.txt and tokenizer.json
/// must agree where both are. Special tokens that are no pieces ([DEC], [ENC]) get the ids after
/// the last piece, in transformers' order: those with a stated id, then bos, eos, unk, sep, pad,
/// cls, mask, other *_token entries, extra_special_tokens. Without vocabulary entry, mention in
/// tokenizer_config.json, special_tokens_map.json, added_tokens.json or tokenizer.json's
/// added_tokens, [DEC] is not a token: transformers invents none either.
/// FileError for what cannot be read; FormatError for what contradicts itself or is not BERT's.
Vocabulary read_vocabulary(const std::filesystem::path& folder);

}  // namespace text
