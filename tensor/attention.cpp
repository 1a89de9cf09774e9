#include "tensor/attention.h"

#include <algorithm>

#include "tensor/backend.h"

namespace tensor {
namespace {

constexpr const char* kOp = "attention_forward";

/// Rows 0 .. rows-1 of sequences 0 .. sequences-1 lie inside the tensor.
void expect_inside(const char* what, const HeadRows& heads, int64_t sequences, int64_t rows,
                   int64_t width) {
  expect_f32(kOp, what, heads.tensor, heads.tensor.shape());
  if (sequences == 0 || rows == 0) return;
  const int64_t end = heads.offset + (sequences - 1) * heads.sequence_stride +
                      (rows - 1) * heads.row_stride + width;
  if (heads.offset < 0 || heads.row_stride < 0 || heads.sequence_stride < 0 ||
      end > heads.tensor.elements()) {
    throw base::ShapeError(base::str(kOp, ": ", what, " is ", heads.tensor.shape().str(), ", but ",
                                     sequences, " sequences of ", rows, " rows end at element ",
                                     end));
  }
}

void expect_numbers(const char* what, std::span<const int32_t> found, int64_t count, int64_t most) {
  if (static_cast<int64_t>(found.size()) != count) {
    throw base::ShapeError(
        base::str(kOp, ": ", what, " has ", found.size(), " entries, expected ", count));
  }
  for (const int32_t number : found) {
    if (number < 0 || number > most) {
      throw base::UsageError(
          base::str(kOp, ": ", what, " holds ", number, ", expected 0 to ", most));
    }
  }
}

}  // namespace

void attention_forward(Tensor& out, Tensor& probabilities, const HeadRows& q, const HeadRows& k,
                       const HeadRows& v, const AttentionShape& shape) {
  const int64_t width = shape.heads * shape.head_dim;
  if (shape.sequences < 0 || shape.queries < 0 || shape.keys < 0 || shape.heads <= 0 ||
      shape.head_dim <= 0) {
    throw base::ShapeError(base::str(kOp, ": ", shape.sequences, " sequences, ", shape.queries,
                                     " queries, ", shape.keys, " keys, ", shape.heads, " heads of ",
                                     shape.head_dim));
  }
  expect_f32(kOp, "out", out, {shape.sequences, shape.queries, width});
  if (probabilities.defined()) {
    expect_f32(kOp, "probabilities", probabilities,
               {shape.sequences, shape.heads, shape.queries, shape.keys});
  }
  int64_t key_sequences = shape.sequences, longest = shape.keys;
  if (!shape.key_sequence.empty()) {
    expect_numbers("key_sequence", shape.key_sequence, shape.sequences, INT32_MAX);
    key_sequences = 1 + *std::max_element(shape.key_sequence.begin(), shape.key_sequence.end());
  }
  if (!shape.key_lengths.empty()) {
    // A length may be given for a sequence that no query looks at.
    key_sequences = std::max(key_sequences, static_cast<int64_t>(shape.key_lengths.size()));
    expect_numbers("key_lengths", shape.key_lengths, key_sequences, shape.keys);
    longest = *std::max_element(shape.key_lengths.begin(), shape.key_lengths.end());
  }
  if (shape.causal && !shape.query_start.empty()) {
    expect_numbers("query_start", shape.query_start, shape.sequences, INT32_MAX);
  }
  expect_inside("q", q, shape.sequences, shape.queries, width);
  expect_inside("k", k, key_sequences, longest, width);
  expect_inside("v", v, key_sequences, longest, width);
  const Backend& on = backend(kOp, {{"out", out},
                                    {"probabilities", probabilities},
                                    {"q", q.tensor},
                                    {"k", k.tensor},
                                    {"v", v.tensor}});
  on.kernel(kOp, on.attention.attention_forward)(out, probabilities, q, k, v, shape);
}

}  // namespace tensor
