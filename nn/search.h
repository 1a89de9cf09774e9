// Decoding: which tokens follow. Greedy, beam search and sampling over any decoder that can append
// a token to a row, with the results (ids and scores) of transformers' `generate`.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace nn {

/// A language model with a memory. Rows are independent of each other.
class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Starts one row for each prompt (each of at least one token, lengths may differ) and returns the
  /// logits [rows, V] that follow the last token of each.
  virtual tensor::Tensor prefill(std::span<const std::vector<int64_t>> prompts) = 0;
  /// New row r is old row parents[r] followed by token ids[r]; the number of rows may change, and a
  /// parent may be repeated or left out. Returns the logits [rows, V] that follow.
  virtual tensor::Tensor step(std::span<const int64_t> ids, std::span<const int32_t> parents) = 0;
  /// The longest row the model has positions for.
  virtual int64_t max_length() const = 0;
};

enum class EarlyStopping : uint8_t { no, yes, never };

/// Options carry the names and defaults of transformers' GenerationConfig.
struct GenerationOptions {
  int64_t max_new_tokens = 20;
  int64_t min_new_tokens = 0;
  int64_t num_beams = 1;
  double length_penalty = 1.0;
  EarlyStopping early_stopping = EarlyStopping::no;
  int64_t num_return_sequences = 1;
  bool do_sample = false;
  double temperature = 1.0;
  int64_t top_k = 50;  ///< 0: all
  double top_p = 1.0;
  double repetition_penalty = 1.0;
  int64_t no_repeat_ngram_size = 0;
  std::vector<std::vector<int64_t>> bad_words_ids;
  uint64_t seed = 0;  ///< of sampling; a row's draws depend on it and on the row's `stream` alone
  int64_t eos_token_id = 102;
  int64_t pad_token_id = 0;
};

/// UsageError that names the option if one makes no sense (or two do not go together).
void validate(const GenerationOptions& options);

struct GeneratedSequence {
  std::vector<int64_t> ids;           ///< prompt, new tokens, and the end token if it was reached
  int64_t prompt_length = 0;          ///< how many of ids are the prompt
  std::vector<float> token_logprobs;  ///< of each new token, after the logits processors
  double score = 0;      ///< beams: transformers' sequences_scores; else the sum of token_logprobs
  bool finished = false; ///< false: cut at max_new_tokens (or at the model's last position)
};

/// For each prompt its num_return_sequences sequences, best first for beams. `streams` numbers the
/// prompts for sampling (empty: 0, 1, ...), so that a batch draws what its members draw alone.
std::vector<std::vector<GeneratedSequence>> generate(
    Decoder& decoder, std::span<const std::vector<int64_t>> prompts,
    const GenerationOptions& options, std::span<const uint64_t> streams = {});

}  // namespace nn
