// What decoding options do to the scores of next tokens, with the results of transformers' logits
// processors. Each is an operation of tensor/sample.h; their order is here.
#pragma once

#include <cstdint>
#include <span>

#include "nn/search.h"
#include "tensor/sample.h"

namespace nn {

/// Scores are [rows, V], f32, and are changed where they are.
class LogitsProcessors {
 public:
  /// `options` must stay.
  explicit LogitsProcessors(const GenerationOptions& options);

  /// All that the options ask for before a token is chosen, in transformers' order: repetition,
  /// n-grams, words, the end token before min_new_tokens. rows[r] is what row r holds so far.
  void process(tensor::Tensor& scores, std::span<const GeneratedSequence* const> rows) const;
  /// What sampling adds: temperature, top-k, top-p. Beams keep at least two tokens, so that one is
  /// left to go on with when the other one ends the row.
  void warp(tensor::Tensor& scores) const;

 private:
  /// Words to ban, one behind the other; see tensor::ban_words.
  struct Words {
    explicit Words(std::span<const std::vector<int64_t>> words);
    bool any() const { return tokens.elements() > 0; }
    tensor::Tensor tokens, offsets;
  };

  const GenerationOptions& options_;
  Words bad_words_, end_token_;
};

}  // namespace nn
