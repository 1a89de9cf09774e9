// Decoding: which tokens follow. Greedy, beam search and sampling over any decoder that can append
// a token to a row, with the results (ids and scores) of transformers' `generate`.
//
// Where two scores are equal, the lower row and then the lower token wins. No value depends on the
// other rows of a batch: a prompt's result is bitwise the one it gets alone.
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
  /// Starts one row for each prompt (lengths may differ) and returns the logits [rows, V] that
  /// follow the last token of each, f32, for the caller to overwrite. `prefix` [rows, P, C] are
  /// embeddings that stand in front of the prompts' tokens, as ClipCap's (Mokady et al., 2021);
  /// undefined: none, and each prompt has a token.
  virtual tensor::Tensor prefill(std::span<const std::vector<int64_t>> prompts,
                                 const tensor::Tensor& prefix) = 0;
  /// New row r is old row parents[r] followed by token ids[r]; the number of rows may change, and a
  /// parent may be repeated or left out. Returns the logits [rows, V] that follow, likewise.
  virtual tensor::Tensor step(std::span<const int64_t> ids, std::span<const int32_t> parents) = 0;
  /// The longest row the model has positions for.
  virtual int64_t max_length() const = 0;
};

/// When beam search ends, once num_beams sequences are complete: `yes` at once; `no` when the best
/// open beam's score at its present length beats none of them; `never` when its score at the best
/// length it may reach beats none.
enum class EarlyStopping : uint8_t { no, yes, never };

/// Options carry the names and defaults of transformers' GenerationConfig.
struct GenerationOptions {
  int64_t max_new_tokens = 20;
  int64_t min_new_tokens = 0;
  int64_t num_beams = 1;
  double length_penalty = 1.0;  ///< score = sum of token_logprobs / new tokens ^ length_penalty
  EarlyStopping early_stopping = EarlyStopping::no;
  int64_t num_return_sequences = 1;  ///< at most num_beams, or any number of samples
  bool do_sample = false;
  double temperature = 1.0;
  int64_t top_k = 50;  ///< 0: all
  double top_p = 1.0;
  double repetition_penalty = 1.0;
  int64_t no_repeat_ngram_size = 0;
  std::vector<std::vector<int64_t>> bad_words_ids{};
  uint64_t seed = 0;  ///< of sampling; a prompt's draws depend on it and on its `stream` alone
  int64_t eos_token_id = 102;
};

/// UsageError that names the option if one makes no sense (or two do not go together).
void validate(const GenerationOptions& options);

struct GeneratedSequence {
  std::vector<int64_t> ids;   ///< prompt, new tokens, and the end token if it was reached
  int64_t prompt_length = 0;  ///< how many of ids are the prompt
  /// Of each new token, after the options were applied (bans, penalties, and temperature, top-k and
  /// top-p when sampling); normalised to probabilities again except with beams, as in transformers.
  std::vector<float> token_logprobs;
  double score = 0;       ///< beams: transformers' sequences_scores; else the sum of token_logprobs
  bool finished = false;  ///< false: cut at max_new_tokens (or at the model's last position)
};

/// For each prompt its num_return_sequences sequences, best first for beams. `streams` numbers the
/// prompts for sampling (empty: 0, 1, ...; below 2^48, sequence j draws from stream + j * 2^48), so
/// that a batch draws what its members draw alone. `prefix`: see Decoder::prefill; it is no part of
/// the sequences, and no option looks at it.
/// UsageError for a prompt that is empty (and has no prefix) or leaves no position for a new token,
/// for options that ban every token or allow fewer sequences than asked for; base::Error that names
/// step and prompt for logits that are NaN or infinite.
std::vector<std::vector<GeneratedSequence>> generate(Decoder& decoder,
                                                     std::span<const std::vector<int64_t>> prompts,
                                                     const GenerationOptions& options,
                                                     std::span<const uint64_t> streams = {},
                                                     const tensor::Tensor& prefix = {});

}  // namespace nn
