// What decoding options do to the scores of the next token, one row at a time, with the results of
// transformers' logits processors. `scores` is [V]; a banned token's score is minus infinity. `ids`
// is the row so far, prompt included; ids outside of the vocabulary change nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "nn/search.h"

namespace nn {

/// Every token of `ids` loses score, once each: a positive one is divided by `penalty` (> 0), a
/// negative one multiplied (Keskar et al., "CTRL", 2019, section 4.1).
void penalize_repetition(std::span<float> scores, std::span<const int64_t> ids, double penalty);
/// Bans what would repeat n consecutive tokens of `ids`.
void ban_repeated_ngrams(std::span<float> scores, std::span<const int64_t> ids, int64_t n);
/// Bans the last token of each sequence of `words` whose other tokens `ids` ends with. The end
/// token by itself is no word: it stays.
void ban_words(std::span<float> scores, std::span<const int64_t> ids,
               std::span<const std::vector<int64_t>> words, int64_t eos_token_id);

/// Divides all scores.
void scale_temperature(std::span<float> scores, double temperature);
/// Bans what scores less than the k-th best token; more than k stay where scores are equal.
void keep_top_k(std::span<float> scores, int64_t k);
/// Keeps the best tokens until their probabilities (softmax of the scores) reach p, and at least
/// `min_tokens_to_keep`; of equal scores the lower index first. "Nucleus sampling" (Holtzman et
/// al., 2020).
void keep_top_p(std::span<float> scores, double p, int64_t min_tokens_to_keep);

/// All that `options` ask for before a token is chosen, in transformers' order: repetition,
/// n-grams, words, the end token before min_new_tokens. `new_tokens` of `ids` are generated ones.
void process_scores(std::span<float> scores, std::span<const int64_t> ids, int64_t new_tokens,
                    const GenerationOptions& options);
/// What sampling adds: temperature, top-k, top-p. Beams keep at least two tokens, so that one is
/// left to go on with when the other one ends the row.
void warp_scores(std::span<float> scores, const GenerationOptions& options);

/// How many rows a thread takes at a time: waking one up for a few thousand scores costs more than
/// it brings.
inline int64_t rows_per_chunk(int64_t vocabulary) {
  return std::max(int64_t{1}, 16384 / std::max(int64_t{1}, vocabulary));
}

}  // namespace nn
