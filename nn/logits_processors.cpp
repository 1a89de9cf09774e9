#include "nn/logits_processors.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace nn {

namespace {

constexpr float kBanned = -std::numeric_limits<float>::infinity();

void ban(std::span<float> scores, int64_t token) {
  if (token >= 0 && token < std::ssize(scores)) scores[static_cast<std::size_t>(token)] = kBanned;
}

}  // namespace

void penalize_repetition(std::span<float> scores, std::span<const int64_t> ids, double penalty) {
  std::vector<int64_t> tokens(ids.begin(), ids.end());
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  const auto factor = static_cast<float>(penalty);
  for (const int64_t token : tokens) {
    if (token < 0 || token >= std::ssize(scores)) continue;
    float& score = scores[static_cast<std::size_t>(token)];
    score = score < 0 ? score * factor : score / factor;
  }
}

void ban_repeated_ngrams(std::span<float> scores, std::span<const int64_t> ids, int64_t n) {
  const auto prefix = static_cast<std::size_t>(n - 1);
  if (ids.size() <= prefix) return;
  const std::span<const int64_t> end = ids.last(prefix);
  for (std::size_t begin = 0; begin + prefix < ids.size(); ++begin) {
    if (std::equal(end.begin(), end.end(), ids.begin() + static_cast<std::ptrdiff_t>(begin))) {
      ban(scores, ids[begin + prefix]);
    }
  }
}

void ban_words(std::span<float> scores, std::span<const int64_t> ids,
               std::span<const std::vector<int64_t>> words, int64_t eos_token_id) {
  for (const std::vector<int64_t>& word : words) {
    const std::size_t prefix = word.size() - 1;
    if (prefix == 0 && word.front() == eos_token_id) continue;
    if (prefix > ids.size()) continue;
    const std::span<const int64_t> end = ids.last(prefix);
    if (std::equal(end.begin(), end.end(), word.begin())) ban(scores, word.back());
  }
}

void scale_temperature(std::span<float> scores, double temperature) {
  const auto divisor = static_cast<float>(temperature);
  for (float& score : scores) score /= divisor;
}

void keep_top_k(std::span<float> scores, int64_t k) {
  if (k >= std::ssize(scores)) return;
  std::vector<float> sorted(scores.begin(), scores.end());
  std::nth_element(sorted.begin(), sorted.begin() + (k - 1), sorted.end(), std::greater<>());
  const float worst = sorted[static_cast<std::size_t>(k - 1)];
  for (float& score : scores) {
    if (score < worst) score = kBanned;
  }
}

void keep_top_p(std::span<float> scores, double p, int64_t min_tokens_to_keep) {
  const float best = *std::max_element(scores.begin(), scores.end());
  std::vector<std::size_t> heap;
  double total = 0;
  for (std::size_t token = 0; token < scores.size(); ++token) {
    if (scores[token] == kBanned) continue;
    heap.push_back(token);
    total += std::exp(double{scores[token]} - best);
  }
  // Few tokens are kept of many: take them off a heap instead of sorting all.
  const auto worse = [&](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] < scores[b] : a > b;
  };
  std::make_heap(heap.begin(), heap.end(), worse);
  double kept = 0;
  for (int64_t count = 0; !heap.empty() && (kept < p * total || count < min_tokens_to_keep);
       ++count) {
    kept += std::exp(double{scores[heap.front()]} - best);
    std::pop_heap(heap.begin(), heap.end(), worse);
    heap.pop_back();
  }
  for (const std::size_t token : heap) scores[token] = kBanned;
}

void process_scores(std::span<float> scores, std::span<const int64_t> ids, int64_t new_tokens,
                    const GenerationOptions& options) {
  if (options.repetition_penalty != 1) {
    penalize_repetition(scores, ids, options.repetition_penalty);
  }
  if (options.no_repeat_ngram_size > 0) {
    ban_repeated_ngrams(scores, ids, options.no_repeat_ngram_size);
  }
  ban_words(scores, ids, options.bad_words_ids, options.eos_token_id);
  if (new_tokens < options.min_new_tokens) ban(scores, options.eos_token_id);
}

void warp_scores(std::span<float> scores, const GenerationOptions& options) {
  const int64_t min_tokens_to_keep = options.num_beams > 1 ? 2 : 1;
  if (options.temperature != 1) scale_temperature(scores, options.temperature);
  if (options.top_k > 0) keep_top_k(scores, std::max(options.top_k, min_tokens_to_keep));
  if (options.top_p < 1) keep_top_p(scores, options.top_p, min_tokens_to_keep);
}

}  // namespace nn
