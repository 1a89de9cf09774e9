// From the scores of next tokens to tokens: what decoding does with logits [rows, V], where they
// are. The host sees what was chosen and its scores, no row of logits. Each row is a text of its
// own; of equal scores the lower row, then the lower token comes first. A banned token's score is
// minus infinity.
//
// | tensor                                  | type                                    |
// |-----------------------------------------|-----------------------------------------|
// | logits, scores, log-probabilities       | f32                                     |
// | tokens, rows, words, offsets, lengths   | i32; what is read, in host memory       |
// | uniform random numbers in [0, 1)        | f64                                     |
#pragma once

#include "tensor/tensor.h"

namespace tensor {

/// The tokens of each row so far: the first lengths[r] of row r. Tokens outside of the vocabulary
/// change nothing.
struct TokenHistory {
  Tensor tokens{};   ///< i32 [rows, any]
  Tensor lengths{};  ///< i32 [rows]
};

// What changes logits before a token is chosen; all of them in place.

/// Every token of a row's history loses score, once each: a positive one is divided by `penalty` (>
/// 0), a negative one multiplied (Keskar et al., "CTRL", 2019, section 4.1).
void penalize_repetition(Tensor& logits, const TokenHistory& history, double penalty);
/// Bans what would repeat n (> 0) consecutive tokens of the history.
void ban_repeated_ngrams(Tensor& logits, const TokenHistory& history, int64_t n);
/// Bans the last token of each word whose other tokens the history ends with. Word w is the tokens
/// offsets[w] .. offsets[w + 1] of `words`, at least one.
void ban_words(Tensor& logits, const TokenHistory& history, const Tensor& words,
               const Tensor& offsets);
/// Divides all logits.
void scale_temperature(Tensor& logits, double temperature);
/// Bans what scores less than the k-th best token; more than k stay where scores are equal.
void keep_top_k(Tensor& logits, int64_t k);
/// Keeps the best tokens until their probabilities (softmax of the logits) reach p, and at least
/// `min_tokens_to_keep`. "Nucleus sampling" (Holtzman et al., 2020).
void keep_top_p(Tensor& logits, double p, int64_t min_tokens_to_keep);

// What chooses tokens. In its place stands -1 where there is none that is not banned.

/// first[r]: -1 if a softmax of row r makes sense; else its first token whose logit is NaN or plus
/// infinity, or V if all are minus infinity. first i32 [rows].
void find_invalid(Tensor& first, const Tensor& logits);
/// The best token of each row; tokens i32 [rows].
void best_tokens(Tensor& tokens, const Tensor& logits);
/// A token of each row, drawn with the probabilities exp(log_probs): uniform[r], walked along their
/// sum. tokens and uniform [rows].
void draw_tokens(Tensor& tokens, const Tensor& log_probs, const Tensor& uniform);

/// What each row gives its token: picked[r] = scores[r, tokens[r]]. tokens are those that an
/// operation of this file chose, none of them -1; picked [rows].
void token_scores(Tensor& picked, const Tensor& scores, const Tensor& tokens);

/// For each group of rows (the beams of a prompt) k tokens that could follow one of them.
struct Candidates {
  Tensor rows{}, tokens{};       ///< i32 [groups, k]
  Tensor scores{}, log_probs{};  ///< f32 [groups, k]: row_scores[row] + log_probs[row, token], and
                                 ///< the latter

  /// Room for them, beside `log_probs`.
  static Candidates empty(const Tensor& log_probs, int64_t groups, int64_t k);
  /// They themselves, or a copy of them, in host memory.
  Candidates on_host() const;
};

/// The k best of each group, best first. Group g is the rows groups[g] .. groups[g + 1] of
/// log_probs [rows, V]; row_scores [rows].
void best_candidates(Candidates& best, const Tensor& log_probs, const Tensor& row_scores,
                     const Tensor& groups);
/// k different ones of each group, each drawn with probabilities softmax(score) among those that
/// are left, in the order of drawing; uniform [groups, k].
void draw_candidates(Candidates& drawn, const Tensor& log_probs, const Tensor& row_scores,
                     const Tensor& groups, const Tensor& uniform);

struct SampleKernels {
  decltype(&tensor::penalize_repetition) penalize_repetition;
  decltype(&tensor::ban_repeated_ngrams) ban_repeated_ngrams;
  decltype(&tensor::ban_words) ban_words;
  decltype(&tensor::scale_temperature) scale_temperature;
  decltype(&tensor::keep_top_k) keep_top_k;
  decltype(&tensor::keep_top_p) keep_top_p;
  decltype(&tensor::find_invalid) find_invalid;
  decltype(&tensor::best_tokens) best_tokens;
  decltype(&tensor::draw_tokens) draw_tokens;
  decltype(&tensor::token_scores) token_scores;
  decltype(&tensor::best_candidates) best_candidates;
  decltype(&tensor::draw_candidates) draw_candidates;
};
namespace cpu {
extern const SampleKernels sample;
}

}  // namespace tensor
