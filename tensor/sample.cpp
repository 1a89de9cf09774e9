#include "tensor/sample.h"

#include "tensor/backend.h"
#include "tensor/index.h"  // expect_indices

namespace tensor {
namespace {

using base::ShapeError;
using base::str;
using base::UsageError;

void expect_logits(const char* op, const char* what, const Tensor& found) {
  expect_f32(op, what, found, found.shape());
  if (found.rank() != 2 || found.dim(1) == 0) {
    throw ShapeError(str(op, ": ", what, " is ", found.shape().str(), ", expected [rows, V]"));
  }
}

void expect_history(const char* op, const Tensor& logits, const TokenHistory& history) {
  expect_shape(op, "tokens", history.tokens, history.tokens.shape());
  if (history.tokens.rank() != 2 || history.tokens.dim(0) != logits.dim(0)) {
    throw ShapeError(str(op, ": tokens is ", history.tokens.shape().str(), ", expected [",
                         logits.dim(0), ", any]"));
  }
  expect_dtype(op, "tokens", history.tokens, DType::i32);
  expect_indices(op, "lengths", history.lengths, logits.dim(0));
  for (const int32_t length : history.lengths.span<int32_t>()) {
    if (length < 0 || length > history.tokens.dim(1)) {
      throw UsageError(
          str(op, ": lengths holds ", length, ", expected 0 to ", history.tokens.dim(1)));
    }
  }
}

void expect_offsets(const char* op, const char* what, const Tensor& offsets, int64_t parts,
                    int64_t least, int64_t total) {
  expect_indices(op, what, offsets, parts + 1);
  const std::span<const int32_t> entries = offsets.span<int32_t>();
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (entries[i] - entries[i - 1] < least) {
      throw UsageError(str(op, ": ", what, "[", i, "] is ", entries[i], " after ", entries[i - 1],
                           ", expected at least ", least, " more"));
    }
  }
  if (entries.front() != 0 || entries.back() != total) {
    throw UsageError(str(op, ": ", what, " goes from ", entries.front(), " to ", entries.back(),
                         ", expected 0 to ", total));
  }
}

void expect_range(const char* op, const char* what, bool holds, auto found, const char* expected) {
  if (!holds) throw UsageError(str(op, ": ", what, " is ", found, ", expected ", expected));
}

void expect_candidates(const char* op, const Candidates& found, const Tensor& log_probs,
                       const Tensor& row_scores, const Tensor& groups) {
  expect_logits(op, "log_probs", log_probs);
  expect_f32(op, "row_scores", row_scores, {log_probs.dim(0)});
  expect_shape(op, "groups", groups, groups.shape());
  if (groups.rank() != 1 || groups.elements() == 0) {
    throw ShapeError(str(op, ": groups is ", groups.shape().str(), ", expected [groups + 1]"));
  }
  const int64_t count = groups.elements() - 1;
  expect_offsets(op, "groups", groups, count, 0, log_probs.dim(0));
  expect_shape(op, "rows", found.rows, found.rows.shape());
  if (found.rows.rank() != 2 || found.rows.dim(0) != count || found.rows.dim(1) == 0) {
    throw ShapeError(
        str(op, ": rows is ", found.rows.shape().str(), ", expected [", count, ", k]"));
  }
  const Shape& shape = found.rows.shape();
  expect_dtype(op, "rows", found.rows, DType::i32);
  expect_shape(op, "tokens", found.tokens, shape);
  expect_dtype(op, "tokens", found.tokens, DType::i32);
  expect_f32(op, "scores", found.scores, shape);
  expect_f32(op, "log_probs of candidates", found.log_probs, shape);
}

}  // namespace

void penalize_repetition(Tensor& logits, const TokenHistory& history, double penalty) {
  constexpr const char* kOp = "penalize_repetition";
  expect_logits(kOp, "logits", logits);
  expect_history(kOp, logits, history);
  expect_range(kOp, "penalty", penalty > 0, penalty, "above 0");
  const Backend& on = backend(kOp, {{"logits", logits}});
  on.kernel(kOp, on.sample.penalize_repetition)(logits, history, penalty);
}

void ban_repeated_ngrams(Tensor& logits, const TokenHistory& history, int64_t n) {
  constexpr const char* kOp = "ban_repeated_ngrams";
  expect_logits(kOp, "logits", logits);
  expect_history(kOp, logits, history);
  expect_range(kOp, "n", n > 0, n, "at least 1");
  const Backend& on = backend(kOp, {{"logits", logits}});
  on.kernel(kOp, on.sample.ban_repeated_ngrams)(logits, history, n);
}

void ban_words(Tensor& logits, const TokenHistory& history, const Tensor& words,
               const Tensor& offsets) {
  constexpr const char* kOp = "ban_words";
  expect_logits(kOp, "logits", logits);
  expect_history(kOp, logits, history);
  expect_indices(kOp, "words", words, words.elements());
  expect_offsets(kOp, "offsets", offsets, offsets.elements() - 1, 1, words.elements());
  const Backend& on = backend(kOp, {{"logits", logits}});
  on.kernel(kOp, on.sample.ban_words)(logits, history, words, offsets);
}

void scale_temperature(Tensor& logits, double temperature) {
  constexpr const char* kOp = "scale_temperature";
  expect_logits(kOp, "logits", logits);
  expect_range(kOp, "temperature", temperature > 0, temperature, "above 0");
  const Backend& on = backend(kOp, {{"logits", logits}});
  on.kernel(kOp, on.sample.scale_temperature)(logits, temperature);
}

void keep_top_k(Tensor& logits, int64_t k) {
  constexpr const char* kOp = "keep_top_k";
  expect_logits(kOp, "logits", logits);
  expect_range(kOp, "k", k > 0, k, "at least 1");
  const Backend& on = backend(kOp, {{"logits", logits}});
  on.kernel(kOp, on.sample.keep_top_k)(logits, k);
}

void keep_top_p(Tensor& logits, double p, int64_t min_tokens_to_keep) {
  constexpr const char* kOp = "keep_top_p";
  expect_logits(kOp, "logits", logits);
  expect_range(kOp, "p", p > 0 && p <= 1, p, "above 0 and at most 1");
  const Backend& on = backend(kOp, {{"logits", logits}});
  on.kernel(kOp, on.sample.keep_top_p)(logits, p, min_tokens_to_keep);
}

void find_invalid(Tensor& first, const Tensor& logits) {
  constexpr const char* kOp = "find_invalid";
  expect_logits(kOp, "logits", logits);
  expect_indices(kOp, "first", first, logits.dim(0));
  const Backend& on = backend(kOp, {{"first", first}, {"logits", logits}});
  on.kernel(kOp, on.sample.find_invalid)(first, logits);
}

void best_tokens(Tensor& tokens, const Tensor& logits) {
  constexpr const char* kOp = "best_tokens";
  expect_logits(kOp, "logits", logits);
  expect_indices(kOp, "tokens", tokens, logits.dim(0));
  const Backend& on = backend(kOp, {{"tokens", tokens}, {"logits", logits}});
  on.kernel(kOp, on.sample.best_tokens)(tokens, logits);
}

void draw_tokens(Tensor& tokens, const Tensor& log_probs, const Tensor& uniform) {
  constexpr const char* kOp = "draw_tokens";
  expect_logits(kOp, "log_probs", log_probs);
  expect_indices(kOp, "tokens", tokens, log_probs.dim(0));
  expect_shape(kOp, "uniform", uniform, tokens.shape());
  expect_dtype(kOp, "uniform", uniform, DType::f64);
  const Backend& on =
      backend(kOp, {{"tokens", tokens}, {"log_probs", log_probs}, {"uniform", uniform}});
  on.kernel(kOp, on.sample.draw_tokens)(tokens, log_probs, uniform);
}

void token_scores(Tensor& picked, const Tensor& scores, const Tensor& tokens) {
  constexpr const char* kOp = "token_scores";
  expect_logits(kOp, "scores", scores);
  expect_indices(kOp, "tokens", tokens, scores.dim(0));
  expect_f32(kOp, "picked", picked, tokens.shape());
  const Backend& on = backend(kOp, {{"picked", picked}, {"scores", scores}, {"tokens", tokens}});
  on.kernel(kOp, on.sample.token_scores)(picked, scores, tokens);
}

Candidates Candidates::empty(const Tensor& log_probs, int64_t groups, int64_t k) {
  const Shape shape{groups, k};
  return {.rows = log_probs.empty_like(shape, DType::i32),
          .tokens = log_probs.empty_like(shape, DType::i32),
          .scores = log_probs.empty_like(shape),
          .log_probs = log_probs.empty_like(shape)};
}

Candidates Candidates::on_host() const {
  return {.rows = rows.to(Device::cpu()),
          .tokens = tokens.to(Device::cpu()),
          .scores = scores.to(Device::cpu()),
          .log_probs = log_probs.to(Device::cpu())};
}

void best_candidates(Candidates& best, const Tensor& log_probs, const Tensor& row_scores,
                     const Tensor& groups) {
  constexpr const char* kOp = "best_candidates";
  expect_candidates(kOp, best, log_probs, row_scores, groups);
  const Backend& on = backend(kOp, {{"rows", best.rows},
                                    {"tokens", best.tokens},
                                    {"scores", best.scores},
                                    {"log_probs of candidates", best.log_probs},
                                    {"log_probs", log_probs},
                                    {"row_scores", row_scores}});
  on.kernel(kOp, on.sample.best_candidates)(best, log_probs, row_scores, groups);
}

void draw_candidates(Candidates& drawn, const Tensor& log_probs, const Tensor& row_scores,
                     const Tensor& groups, const Tensor& uniform) {
  constexpr const char* kOp = "draw_candidates";
  expect_candidates(kOp, drawn, log_probs, row_scores, groups);
  expect_shape(kOp, "uniform", uniform, drawn.rows.shape());
  expect_dtype(kOp, "uniform", uniform, DType::f64);
  const Backend& on = backend(kOp, {{"rows", drawn.rows},
                                    {"tokens", drawn.tokens},
                                    {"scores", drawn.scores},
                                    {"log_probs of candidates", drawn.log_probs},
                                    {"log_probs", log_probs},
                                    {"row_scores", row_scores},
                                    {"uniform", uniform}});
  on.kernel(kOp, on.sample.draw_candidates)(drawn, log_probs, row_scores, groups, uniform);
}

}  // namespace tensor
