#include "tensor/sample.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "base/parallel.h"
#include "tensor/backend.h"

namespace tensor::cpu {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kBanned = -kInfinity;

/// How many rows a thread takes at a time: waking one up for a few thousand scores costs more than
/// it brings.
int64_t rows_per_chunk(int64_t vocabulary) {
  return std::max(int64_t{1}, 16384 / std::max(int64_t{1}, vocabulary));
}

/// Calls visit(r, row) for each row of scores [rows, V], in parallel.
template <class Scores, class F>
void for_each_row(Scores& scores, const F& visit) {
  const int64_t vocabulary = scores.dim(1);
  auto* const first = scores.template data<float>();
  base::parallel_for(scores.dim(0), rows_per_chunk(vocabulary), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      visit(r, std::span(first + r * vocabulary, static_cast<std::size_t>(vocabulary)));
    }
  });
}

std::span<const int32_t> row_of(const TokenHistory& history, int64_t r) {
  return {history.tokens.data<int32_t>() + r * history.tokens.dim(1),
          static_cast<std::size_t>(history.lengths.data<int32_t>()[r])};
}

bool is_token(int32_t token, std::span<const float> scores) {
  return token >= 0 && token < std::ssize(scores);
}

void ban(std::span<float> scores, int32_t token) {
  if (is_token(token, scores)) scores[static_cast<std::size_t>(token)] = kBanned;
}

void penalize_repetition(Tensor& logits, const TokenHistory& history, double penalty) {
  const auto factor = static_cast<float>(penalty);
  for_each_row(logits, [&](int64_t r, std::span<float> scores) {
    const std::span<const int32_t> tokens = row_of(history, r);
    for (auto token = tokens.begin(); token != tokens.end(); ++token) {
      const bool seen = std::find(tokens.begin(), token, *token) != token;
      if (seen || !is_token(*token, scores)) continue;
      float& score = scores[static_cast<std::size_t>(*token)];
      score = score < 0 ? score * factor : score / factor;
    }
  });
}

void ban_repeated_ngrams(Tensor& logits, const TokenHistory& history, int64_t n) {
  const auto prefix = static_cast<std::size_t>(n - 1);
  for_each_row(logits, [&](int64_t r, std::span<float> scores) {
    const std::span<const int32_t> tokens = row_of(history, r);
    if (tokens.size() <= prefix) return;
    const std::span<const int32_t> end = tokens.last(prefix);
    for (std::size_t begin = 0; begin + prefix < tokens.size(); ++begin) {
      if (std::ranges::equal(end, tokens.subspan(begin, prefix))) {
        ban(scores, tokens[begin + prefix]);
      }
    }
  });
}

void ban_words(Tensor& logits, const TokenHistory& history, const Tensor& words,
               const Tensor& offsets) {
  const std::span<const int32_t> all = words.span<int32_t>(), ends = offsets.span<int32_t>();
  for_each_row(logits, [&](int64_t r, std::span<float> scores) {
    const std::span<const int32_t> tokens = row_of(history, r);
    for (std::size_t w = 0; w + 1 < ends.size(); ++w) {
      const auto begin = static_cast<std::size_t>(ends[w]);
      const std::size_t prefix = static_cast<std::size_t>(ends[w + 1]) - begin - 1;
      if (prefix > tokens.size()) continue;
      if (std::ranges::equal(tokens.last(prefix), all.subspan(begin, prefix))) {
        ban(scores, all[begin + prefix]);
      }
    }
  });
}

void scale_temperature(Tensor& logits, double temperature) {
  const auto divisor = static_cast<float>(temperature);
  for_each_row(logits, [&](int64_t, std::span<float> scores) {
    for (float& score : scores) score /= divisor;
  });
}

void keep_top_k(Tensor& logits, int64_t k) {
  if (k >= logits.dim(1)) return;
  for_each_row(logits, [&](int64_t, std::span<float> scores) {
    std::vector<float> sorted(scores.begin(), scores.end());
    std::nth_element(sorted.begin(), sorted.begin() + (k - 1), sorted.end(), std::greater<>());
    const float worst = sorted[static_cast<std::size_t>(k - 1)];
    for (float& score : scores) {
      if (score < worst) score = kBanned;
    }
  });
}

void keep_top_p(Tensor& logits, double p, int64_t min_tokens_to_keep) {
  for_each_row(logits, [&](int64_t, std::span<float> scores) {
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
  });
}

void find_invalid(Tensor& first, const Tensor& logits) {
  int32_t* const found = first.data<int32_t>();
  for_each_row(logits, [&](int64_t r, std::span<const float> scores) {
    bool all_banned = true;
    found[r] = -1;
    for (std::size_t token = 0; token < scores.size(); ++token) {
      if (!(scores[token] < kInfinity)) {  // NaN too
        found[r] = static_cast<int32_t>(token);
        return;
      }
      all_banned = all_banned && scores[token] == kBanned;
    }
    if (all_banned) found[r] = static_cast<int32_t>(scores.size());
  });
}

void best_tokens(Tensor& tokens, const Tensor& logits) {
  int32_t* const best = tokens.data<int32_t>();
  for_each_row(logits, [&](int64_t r, std::span<const float> scores) {
    const auto largest = std::max_element(scores.begin(), scores.end());
    best[r] = *largest == kBanned ? -1 : static_cast<int32_t>(largest - scores.begin());
  });
}

void draw_tokens(Tensor& tokens, const Tensor& log_probs, const Tensor& uniform) {
  int32_t* const drawn = tokens.data<int32_t>();
  const double* const start = uniform.data<double>();
  for_each_row(log_probs, [&](int64_t r, std::span<const float> scores) {
    double left = start[r];
    drawn[r] = -1;
    for (std::size_t token = 0; token < scores.size() && left >= 0; ++token) {
      if (scores[token] == kBanned) continue;
      drawn[r] = static_cast<int32_t>(token);  // also if rounding leaves something at the end
      left -= std::exp(double{scores[token]});
    }
  });
}

void token_scores(Tensor& picked, const Tensor& scores, const Tensor& tokens) {
  const float* const all = scores.data<float>();
  const int32_t* const token = tokens.data<int32_t>();
  float* const to = picked.data<float>();
  for (int64_t r = 0; r < scores.dim(0); ++r) to[r] = all[r * scores.dim(1) + token[r]];
}

/// A token that could follow a row.
struct Candidate {
  float score;  // the row's and the token's
  int32_t row, token;
  float log_prob;
};

/// Calls visit(candidate) for each token of each row [begin, end), in order.
template <class F>
void for_each_candidate(const Tensor& log_probs, const Tensor& row_scores, int64_t begin,
                        int64_t end, const F& visit) {
  const int64_t vocabulary = log_probs.dim(1);
  for (int64_t r = begin; r < end; ++r) {
    const float* const row = log_probs.data<float>() + r * vocabulary;
    const float score = row_scores.data<float>()[r];
    for (int64_t token = 0; token < vocabulary; ++token) {
      visit(Candidate{score + row[token], static_cast<int32_t>(r), static_cast<int32_t>(token),
                      row[token]});
    }
  }
}

/// The results of a group: at most k, filled up to k.
void write(Candidates& to, int64_t group, std::span<const Candidate> found) {
  const int64_t k = to.rows.dim(1);
  for (int64_t i = 0; i < k; ++i) {
    const Candidate candidate = i < std::ssize(found) ? found[static_cast<std::size_t>(i)]
                                                      : Candidate{kBanned, -1, -1, kBanned};
    const int64_t place = group * k + i;
    to.rows.data<int32_t>()[place] = candidate.row;
    to.tokens.data<int32_t>()[place] = candidate.token;
    to.scores.data<float>()[place] = candidate.score;
    to.log_probs.data<float>()[place] = candidate.log_prob;
  }
}

/// Writes the candidates that find(g, begin, end) gives for each group g, the rows [begin, end).
template <class F>
void find_candidates(Candidates& to, const Tensor& log_probs, const Tensor& groups, const F& find) {
  const int32_t* const first = groups.data<int32_t>();
  const int64_t grain = rows_per_chunk(log_probs.dim(1) * to.rows.dim(1));
  base::parallel_for(groups.elements() - 1, grain, [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) write(to, g, find(g, first[g], first[g + 1]));
  });
}

/// The best `count` of the candidates that are offered, in the order in which they come if equal.
class BestCandidates {
 public:
  explicit BestCandidates(int64_t count) {
    heap_.reserve(count_ = static_cast<std::size_t>(count));
  }

  void offer(const Candidate& candidate) {
    if (candidate.score <= threshold_) return;
    if (heap_.size() == count_) {
      std::pop_heap(heap_.begin(), heap_.end(), better);
      heap_.pop_back();
    }
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end(), better);
    if (heap_.size() == count_) threshold_ = heap_.front().score;
  }
  std::vector<Candidate> sorted() && {
    std::sort_heap(heap_.begin(), heap_.end(), better);
    return std::move(heap_);
  }

 private:
  static bool better(const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.row != b.row ? a.row < b.row : a.token < b.token;
  }

  std::size_t count_;
  float threshold_ = kBanned;  // what is banned is never a candidate
  std::vector<Candidate> heap_;
};

void best_candidates(Candidates& best, const Tensor& log_probs, const Tensor& row_scores,
                     const Tensor& groups) {
  find_candidates(best, log_probs, groups, [&](int64_t, int64_t begin, int64_t end) {
    BestCandidates found(best.rows.dim(1));
    for_each_candidate(log_probs, row_scores, begin, end,
                       [&](const Candidate& candidate) { found.offer(candidate); });
    return std::move(found).sorted();
  });
}

/// Draws as many of `from` as there are uniform numbers, or all.
std::vector<Candidate> draw(std::vector<Candidate> from, std::span<const double> uniform) {
  float best = kBanned;
  for (const Candidate& candidate : from) best = std::max(best, candidate.score);
  std::vector<double> weights;
  double total = 0;
  for (const Candidate& candidate : from) {
    weights.push_back(std::exp(double{candidate.score} - best));
    total += weights.back();
  }
  std::vector<Candidate> drawn;
  while (drawn.size() < uniform.size() && !from.empty()) {
    double left = uniform[drawn.size()] * total;
    std::size_t i = 0;
    while (i + 1 < from.size() && left >= weights[i]) left -= weights[i++];
    drawn.push_back(from[i]);
    total -= weights[i];
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(i));
    weights.erase(weights.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return drawn;
}

void draw_candidates(Candidates& drawn, const Tensor& log_probs, const Tensor& row_scores,
                     const Tensor& groups, const Tensor& uniform) {
  const auto k = static_cast<std::size_t>(uniform.dim(1));
  find_candidates(drawn, log_probs, groups, [&](int64_t g, int64_t begin, int64_t end) {
    std::vector<Candidate> possible;
    for_each_candidate(log_probs, row_scores, begin, end, [&](const Candidate& candidate) {
      if (std::isfinite(candidate.score)) possible.push_back(candidate);
    });
    const std::span<const double> numbers = uniform.span<double>();
    return draw(std::move(possible), numbers.subspan(static_cast<std::size_t>(g) * k, k));
  });
}

}  // namespace

constinit const SampleKernels sample{.penalize_repetition = penalize_repetition,
                                     .ban_repeated_ngrams = ban_repeated_ngrams,
                                     .ban_words = ban_words,
                                     .scale_temperature = scale_temperature,
                                     .keep_top_k = keep_top_k,
                                     .keep_top_p = keep_top_p,
                                     .find_invalid = find_invalid,
                                     .best_tokens = best_tokens,
                                     .draw_tokens = draw_tokens,
                                     .token_scores = token_scores,
                                     .best_candidates = best_candidates,
                                     .draw_candidates = draw_candidates};

}  // namespace tensor::cpu
