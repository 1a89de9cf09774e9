#include "nn/logits_processors.h"

#include <algorithm>

#include "tensor/index.h"  // indices, row_offsets

namespace nn {

using tensor::DType;
using tensor::Tensor;
using tensor::TokenHistory;

namespace {

constexpr int64_t kMaxToken = INT32_MAX;

TokenHistory history_of(std::span<const GeneratedSequence* const> rows) {
  std::size_t longest = 0;
  for (const GeneratedSequence* row : rows) longest = std::max(longest, row->ids.size());
  const auto count = static_cast<int64_t>(rows.size());
  TokenHistory history{.tokens = Tensor::empty({count, static_cast<int64_t>(longest)}, DType::i32),
                       .lengths = Tensor::empty({count}, DType::i32)};
  int32_t* token = history.tokens.data<int32_t>();
  int32_t* length = history.lengths.data<int32_t>();
  for (const GeneratedSequence* row : rows) {
    std::ranges::transform(row->ids, token, [](int64_t id) { return static_cast<int32_t>(id); });
    token += longest;
    *length++ = static_cast<int32_t>(row->ids.size());
  }
  return history;
}

/// The end token by itself is no word that options may ban.
std::vector<std::vector<int64_t>> without_end_token(std::vector<std::vector<int64_t>> words,
                                                    int64_t end_token) {
  std::erase(words, std::vector{end_token});
  return words;
}

/// A model without an end token has one that is no token.
std::vector<std::vector<int64_t>> end_token_of(const GenerationOptions& options) {
  if (options.eos_token_id < 0 || options.eos_token_id > kMaxToken) return {};
  return {{options.eos_token_id}};
}

}  // namespace

LogitsProcessors::Words::Words(std::span<const std::vector<int64_t>> words) {
  std::vector<int64_t> all;
  std::vector<int32_t> lengths;
  for (const std::vector<int64_t>& word : words) {
    all.insert(all.end(), word.begin(), word.end());
    lengths.push_back(static_cast<int32_t>(word.size()));
  }
  tokens = tensor::indices("banned tokens", all, kMaxToken + 1);
  offsets = tensor::row_offsets(lengths);
}

LogitsProcessors::LogitsProcessors(const GenerationOptions& options)
    : options_(options),
      bad_words_(without_end_token(options.bad_words_ids, options.eos_token_id)),
      end_token_(end_token_of(options)) {}

void LogitsProcessors::process(Tensor& scores,
                               std::span<const GeneratedSequence* const> rows) const {
  const bool too_early =
      !rows.empty() && std::ssize(rows.front()->token_logprobs) < options_.min_new_tokens;
  const bool wanted = options_.repetition_penalty != 1 || options_.no_repeat_ngram_size > 0 ||
                      bad_words_.any() || too_early;
  if (!wanted) return;
  const TokenHistory history = history_of(rows);
  if (options_.repetition_penalty != 1) {
    tensor::penalize_repetition(scores, history, options_.repetition_penalty);
  }
  if (options_.no_repeat_ngram_size > 0) {
    tensor::ban_repeated_ngrams(scores, history, options_.no_repeat_ngram_size);
  }
  if (bad_words_.any()) tensor::ban_words(scores, history, bad_words_.tokens, bad_words_.offsets);
  if (too_early) tensor::ban_words(scores, history, end_token_.tokens, end_token_.offsets);
}

void LogitsProcessors::warp(Tensor& scores) const {
  const int64_t min_tokens_to_keep = options_.num_beams > 1 ? 2 : 1;
  if (options_.temperature != 1) tensor::scale_temperature(scores, options_.temperature);
  if (options_.top_k > 0) tensor::keep_top_k(scores, std::max(options_.top_k, min_tokens_to_keep));
  if (options_.top_p < 1) tensor::keep_top_p(scores, options_.top_p, min_tokens_to_keep);
}

}  // namespace nn
