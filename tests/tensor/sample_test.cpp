#include "tensor/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "base/parallel.h"
#include "tensor/index.h"
#include "tests/reference/twins.h"
#include "tests/temporary_folder.h"  // error_of

namespace {

using tensor::Candidates;
using tensor::DType;
using tensor::Tensor;
using tensor::TokenHistory;
using testing::ElementsAre;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kBanned = -kInfinity;

using Row = std::vector<float>;
using Rows = std::vector<Row>;

Rows rows_of(const Tensor& scores) {
  Rows rows;
  for (int64_t r = 0; r < scores.dim(0); ++r) {
    const Tensor row = scores.slice(r, r + 1);
    rows.emplace_back(row.span<float>().begin(), row.span<float>().end());
  }
  return rows;
}

template <class T>
std::vector<T> values(const Tensor& tensor) {
  return {tensor.span<T>().begin(), tensor.span<T>().end()};
}

Tensor numbers(const std::vector<int32_t>& entries) {
  return Tensor::from({std::ssize(entries)}, entries);
}

/// Scores with ties and, in places, bans: few different values.
Tensor tied(const tensor::Shape& shape, uint64_t seed) {
  Tensor scores = reference::random(shape, seed, 3);
  base::Random random(seed + 1000);
  for (int64_t i = 0; i < scores.elements(); ++i) {
    float& score = scores.data<float>()[i];
    score = random.below(10) == 0 ? kBanned : std::round(2 * score) / 2;
  }
  return scores;
}

/// Histories of 0 to 12 tokens of a vocabulary of 7 and two that are none.
struct Histories {
  std::vector<std::vector<int32_t>> rows;
  TokenHistory tensors;

  Histories(int64_t count, uint64_t seed) {
    base::Random random(seed);
    std::vector<int32_t> all, lengths;
    for (int64_t r = 0; r < count; ++r) {
      std::vector<int32_t>& row = rows.emplace_back();
      for (uint32_t length = random.below(13); length > 0; --length) {
        row.push_back(static_cast<int32_t>(random.below(9)) - 1);
      }
      lengths.push_back(static_cast<int32_t>(row.size()));
      all.insert(all.end(), row.begin(), row.end());
      all.resize(static_cast<std::size_t>(r + 1) * 12, 3);  // beyond the lengths: not read
    }
    tensors = {.tokens = Tensor::from({count, 12}, all), .lengths = numbers(lengths)};
  }
};

void ban(Row& row, int32_t token) {
  if (token >= 0 && token < std::ssize(row)) row[static_cast<std::size_t>(token)] = kBanned;
}

/// An operation on 40 rows equals its twin on each of them, whatever the threads.
void expect_twin(int64_t vocabulary, const std::function<void(Tensor&)>& operation,
                 const std::function<void(Row&, std::size_t)>& twin) {
  const Rows before = rows_of(tied({40, vocabulary}, 3));
  Rows expected = before;
  for (std::size_t r = 0; r < expected.size(); ++r) twin(expected[r], r);
  EXPECT_NE(expected, before) << "the case shows nothing";
  for (const int threads : {1, 3}) {
    base::set_num_threads(threads);
    Tensor scores = tied({40, vocabulary}, 3);
    operation(scores);
    EXPECT_EQ(rows_of(scores), expected);
  }
  base::set_num_threads(0);
}

TEST(Sample, PenalizesRepetitionAsItsTwin) {
  const Histories histories(40, 1);
  for (const double penalty : {0.7, 1.3}) {
    expect_twin(
        7, [&](Tensor& scores) { tensor::penalize_repetition(scores, histories.tensors, penalty); },
        [&](Row& row, std::size_t r) {
          const std::set<int32_t> seen(histories.rows[r].begin(), histories.rows[r].end());
          for (std::size_t t = 0; t < row.size(); ++t) {
            if (!seen.contains(static_cast<int32_t>(t))) continue;
            const auto factor = static_cast<float>(penalty);
            row[t] = row[t] < 0 ? row[t] * factor : row[t] / factor;
          }
        });
  }
}

TEST(Sample, BansRepeatedNgramsAsItsTwin) {
  const Histories histories(40, 2);
  for (const int64_t n : {1, 2, 3}) {
    expect_twin(
        7, [&](Tensor& scores) { tensor::ban_repeated_ngrams(scores, histories.tensors, n); },
        [&](Row& row, std::size_t r) {
          // A token is banned if the history with it would hold its last n-gram twice.
          for (int32_t token = 0; token < std::ssize(row); ++token) {
            std::vector<int32_t> with = histories.rows[r];
            with.push_back(token);
            if (std::ssize(with) < n) continue;
            const std::vector<int32_t> last(with.end() - n, with.end());
            if (std::search(with.begin(), with.end(), last.begin(), last.end()) != with.end() - n) {
              ban(row, token);
            }
          }
        });
  }
}

TEST(Sample, BansWordsAsItsTwin) {
  const Histories histories(40, 3);
  const std::vector<std::vector<int32_t>> words{{4}, {1, 5}, {2, 1}, {3, 3, 3}, {0, 9}};
  expect_twin(
      7,
      [&](Tensor& scores) {
        tensor::ban_words(scores, histories.tensors, numbers({4, 1, 5, 2, 1, 3, 3, 3, 0, 9}),
                          numbers({0, 1, 3, 5, 8, 10}));
      },
      [&](Row& row, std::size_t r) {
        for (const std::vector<int32_t>& word : words) {
          std::vector<int32_t> with = histories.rows[r];
          with.push_back(word.back());
          const auto size = std::ssize(word);
          if (std::ssize(with) >= size && std::equal(word.begin(), word.end(), with.end() - size)) {
            ban(row, word.back());
          }
        }
      });
}

TEST(Sample, ScalesAndKeepsTheBestAsItsTwins) {
  for (const int64_t vocabulary : {7, 100, 20000}) {
    expect_twin(
        vocabulary, [](Tensor& scores) { tensor::scale_temperature(scores, 0.3); },
        [](Row& row, std::size_t) {
          for (float& score : row) score /= 0.3f;
        });
    for (const int64_t k : {1, 5}) {
      expect_twin(
          vocabulary, [&](Tensor& scores) { tensor::keep_top_k(scores, k); },
          [&](Row& row, std::size_t) {
            Row sorted = row;
            std::sort(sorted.begin(), sorted.end(), std::greater<>());
            for (float& score : row) {
              if (score < sorted[static_cast<std::size_t>(k - 1)]) score = kBanned;
            }
          });
    }
    for (const auto& [share, at_least] : {std::pair{0.2, 1}, {0.2, 3}, {0.7, 1}}) {
      const double p = share;  // clang 14 captures no structured binding
      const int least = at_least;
      expect_twin(
          vocabulary, [&](Tensor& scores) { tensor::keep_top_p(scores, p, least); },
          [&](Row& row, std::size_t) {
            std::vector<std::size_t> order(row.size());
            std::iota(order.begin(), order.end(), 0);
            std::stable_sort(order.begin(), order.end(),
                             [&](std::size_t a, std::size_t b) { return row[a] > row[b]; });
            double total = 0, kept = 0;
            for (const float score : row) total += std::exp(double{score});
            for (std::size_t i = 0; i < order.size(); ++i) {
              const double probability = std::exp(double{row[order[i]]}) / total;
              if (kept >= p && static_cast<int>(i) >= least) row[order[i]] = kBanned;
              kept += probability;
            }
          });
    }
  }
}

TEST(Sample, FindsWhatIsNoNumber) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  const Tensor logits =
      Tensor::from<float>({5, 3}, {0, kBanned, 1, kNaN, 0, kInfinity, 0, kBanned, kInfinity,  //
                                   kBanned, kBanned, kBanned, kBanned, kNaN, kBanned});
  Tensor first = Tensor::empty({5}, DType::i32);
  tensor::find_invalid(first, logits);
  EXPECT_THAT(values<int32_t>(first), ElementsAre(-1, 0, 2, 3, 1));
}

TEST(Sample, TheBestTokenIsTheFirstOfTheLargest) {
  const Tensor scores = Tensor::from<float>(
      {3, 4}, {1, 7, 7, 2, kBanned, kBanned, kBanned, kBanned, kBanned, -3, -9, -3});
  Tensor tokens = Tensor::empty({3}, DType::i32), picked = Tensor::empty({3});
  tensor::best_tokens(tokens, scores);
  EXPECT_THAT(values<int32_t>(tokens), ElementsAre(1, -1, 1));
  tensor::token_scores(picked, scores, numbers({3, 0, 2}));
  EXPECT_THAT(values<float>(picked), ElementsAre(2, kBanned, -9));
}

TEST(Sample, DrawsWhereTheSumOfProbabilitiesPassesTheNumber) {
  const float half = std::log(0.5f), quarter = std::log(0.25f);
  const Row row{kBanned, half, kBanned, quarter, quarter, kBanned};
  std::vector<float> all;
  const std::vector<double> uniform{0, 0.499, 0.501, 0.749, 0.751, 1 - 0x1p-53};
  for (std::size_t i = 0; i < uniform.size(); ++i) all.insert(all.end(), row.begin(), row.end());
  Tensor tokens = Tensor::empty({6}, DType::i32);
  tensor::draw_tokens(tokens, Tensor::from({6, 6}, all), Tensor::from({6}, uniform));
  EXPECT_THAT(values<int32_t>(tokens), ElementsAre(1, 1, 3, 3, 4, 4));
  // Rounding may leave something at the end: then it is the last token that is not banned.
  Tensor one = Tensor::empty({1}, DType::i32);
  tensor::draw_tokens(one, Tensor::from<float>({1, 3}, {-1, -1, kBanned}),
                      Tensor::from<double>({1}, {0.99}));
  EXPECT_EQ(one.data<int32_t>()[0], 1);
  tensor::draw_tokens(one, Tensor::from<float>({1, 2}, {kBanned, kBanned}),
                      Tensor::from<double>({1}, {0.5}));
  EXPECT_EQ(one.data<int32_t>()[0], -1);
}

/// A candidate as a twin writes it: score, row, token, log-probability.
using Twin = std::tuple<float, int32_t, int32_t, float>;

std::vector<Twin> candidates_of(const Candidates& all, int64_t group) {
  std::vector<Twin> found;
  for (int64_t i = group * all.rows.dim(1); i < (group + 1) * all.rows.dim(1); ++i) {
    found.emplace_back(all.scores.data<float>()[i], all.rows.data<int32_t>()[i],
                       all.tokens.data<int32_t>()[i], all.log_probs.data<float>()[i]);
  }
  return found;
}

/// All that could follow the rows [begin, end), but for what is banned, in order.
std::vector<Twin> possible(const Tensor& log_probs, const Tensor& row_scores, int32_t begin,
                           int32_t end) {
  std::vector<Twin> all;
  for (int32_t r = begin; r < end; ++r) {
    for (int32_t token = 0; token < log_probs.dim(1); ++token) {
      const float log_prob = log_probs.data<float>()[r * log_probs.dim(1) + token];
      const float score = row_scores.data<float>()[r] + log_prob;
      if (score != kBanned) all.emplace_back(score, r, token, log_prob);
    }
  }
  return all;
}

constexpr Twin kNone{kBanned, -1, -1, kBanned};

TEST(Sample, BestCandidatesAreThoseOfSortingAll) {
  for (const int64_t vocabulary : {3, 50, 3000}) {
    const Tensor log_probs = tied({9, vocabulary}, 5), row_scores = tied({9}, 6);
    const std::vector<int32_t> groups{0, 3, 3, 4, 9};
    for (const int64_t k : {1, 6, 20}) {
      Candidates best = Candidates::empty(log_probs, 4, k);
      tensor::best_candidates(best, log_probs, row_scores, numbers(groups));
      for (std::size_t g = 0; g < 4; ++g) {
        std::vector<Twin> twin = possible(log_probs, row_scores, groups[g], groups[g + 1]);
        std::stable_sort(twin.begin(), twin.end(), [](const Twin& a, const Twin& b) {
          return std::get<0>(a) > std::get<0>(b);
        });
        twin.resize(static_cast<std::size_t>(k), kNone);
        EXPECT_EQ(candidates_of(best, static_cast<int64_t>(g)), twin) << vocabulary << " " << k;
      }
    }
  }
}

TEST(Sample, DrawnCandidatesAreThoseOfItsTwin) {
  const Tensor log_probs = tied({5, 40}, 7), row_scores = tied({5}, 8);
  const std::vector<int32_t> groups{0, 0, 2, 5};
  Tensor uniform = Tensor::empty({3, 100}, DType::f64);
  base::Random random(9);
  for (int64_t i = 0; i < 300; ++i) uniform.data<double>()[i] = random.uniform();
  Candidates drawn = Candidates::empty(log_probs, 3, 100);
  tensor::draw_candidates(drawn, log_probs, row_scores, numbers(groups), uniform);
  for (std::size_t g = 0; g < 3; ++g) {
    std::vector<Twin> left = possible(log_probs, row_scores, groups[g], groups[g + 1]), twin;
    for (std::size_t i = 0; i < 100 && !left.empty(); ++i) {
      double total = 0;
      for (const Twin& one : left) total += std::exp(double{std::get<0>(one)});
      double sum = uniform.data<double>()[g * 100 + i] * total;
      auto at = left.begin();
      while (at + 1 != left.end() && (sum -= std::exp(double{std::get<0>(*at)})) >= 0) ++at;
      twin.push_back(*at);
      left.erase(at);
    }
    twin.resize(100, kNone);
    EXPECT_EQ(candidates_of(drawn, static_cast<int64_t>(g)), twin) << g;
  }
  EXPECT_NE(candidates_of(drawn, 1).back(), candidates_of(drawn, 1).front());
}

TEST(SampleErrors, NameOperationAndArgument) {
  using base::DTypeError, base::ShapeError, base::UsageError;
  Tensor logits = Tensor::zeros({2, 3}), i32 = Tensor::zeros({2}, DType::i32);
  const TokenHistory history{.tokens = Tensor::zeros({2, 4}, DType::i32), .lengths = i32};
  EXPECT_EQ(error_of<ShapeError>([&] {
              Tensor flat = Tensor::zeros({3});
              tensor::keep_top_k(flat, 1);
            }),
            "keep_top_k: logits is [3], expected [rows, V]");
  EXPECT_EQ(error_of<UsageError>([&] { tensor::keep_top_k(logits, 0); }),
            "keep_top_k: k is 0, expected at least 1");
  EXPECT_EQ(error_of<UsageError>([&] { tensor::keep_top_p(logits, 0, 1); }),
            "keep_top_p: p is 0, expected above 0 and at most 1");
  EXPECT_EQ(error_of<UsageError>([&] { tensor::scale_temperature(logits, 0); }),
            "scale_temperature: temperature is 0, expected above 0");
  EXPECT_EQ(error_of<UsageError>([&] { tensor::penalize_repetition(logits, history, 0); }),
            "penalize_repetition: penalty is 0, expected above 0");
  EXPECT_EQ(error_of<UsageError>([&] { tensor::ban_repeated_ngrams(logits, history, 0); }),
            "ban_repeated_ngrams: n is 0, expected at least 1");
  EXPECT_EQ(error_of<UsageError>([&] {
              tensor::penalize_repetition(
                  logits, {.tokens = history.tokens, .lengths = numbers({4, 5})}, 2);
            }),
            "penalize_repetition: lengths holds 5, expected 0 to 4");
  EXPECT_EQ(error_of<ShapeError>([&] {
              tensor::penalize_repetition(
                  logits, {.tokens = Tensor::zeros({3, 4}, DType::i32), .lengths = i32}, 2);
            }),
            "penalize_repetition: tokens is [3, 4], expected [2, any]");
  EXPECT_EQ(error_of<UsageError>([&] {
              tensor::ban_words(logits, history, numbers({1, 2}), numbers({0, 2, 2}));
            }),
            "ban_words: offsets[2] is 2 after 2, expected at least 1 more");
  EXPECT_EQ(error_of<UsageError>([&] {
              tensor::ban_words(logits, history, numbers({1, 2}), numbers({0, 1}));
            }),
            "ban_words: offsets goes from 0 to 1, expected 0 to 2");
  Tensor three = Tensor::zeros({3}, DType::i32);
  EXPECT_EQ(error_of<ShapeError>([&] { tensor::best_tokens(three, logits); }),
            "best_tokens: tokens is [3], expected [2]");
  EXPECT_EQ(error_of<DTypeError>([&] { tensor::draw_tokens(i32, logits, Tensor::zeros({2})); }),
            "draw_tokens: uniform is f32, expected f64");
  Candidates candidates = Candidates::empty(logits, 1, 2);
  EXPECT_EQ(error_of<UsageError>([&] {
              tensor::best_candidates(candidates, logits, Tensor::zeros({2}), numbers({0, 3}));
            }),
            "best_candidates: groups goes from 0 to 3, expected 0 to 2");
  EXPECT_EQ(error_of<ShapeError>([&] {
              tensor::best_candidates(candidates, logits, Tensor::zeros({2}), numbers({0, 1, 2}));
            }),
            "best_candidates: rows is [1, 2], expected [2, k]");
}

}  // namespace
