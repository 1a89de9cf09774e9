#include "tensor/attention.h"

#include <algorithm>

#include "tensor/backend.h"
#include "tensor/index.h"  // expect_indices

namespace tensor {
namespace {

/// Rows of a kind (queries, or keys): `sequences` of up to `most` each, or ragged ones that end at
/// `total`.
struct Rows {
  int64_t sequences, most;
  bool ragged = false;
  int64_t total = 0;
};

/// They lie inside the tensor.
void expect_inside(const char* op, const char* what, const HeadRows& heads, const Rows& rows,
                   int64_t width) {
  expect_f32(op, what, heads.tensor, heads.tensor.shape());
  const int64_t sequences = rows.ragged ? 1 : rows.sequences;
  const int64_t count = rows.ragged ? rows.total : rows.most;
  if (sequences == 0 || count == 0) return;
  const int64_t stride = rows.ragged ? 0 : heads.sequence_stride;
  const int64_t end =
      heads.offset + (sequences - 1) * stride + (count - 1) * heads.row_stride + width;
  if (heads.offset < 0 || heads.row_stride < 0 || stride < 0 || end > heads.tensor.elements()) {
    throw base::ShapeError(base::str(op, ": ", what, " is ", heads.tensor.shape().str(), ", but ",
                                     sequences, " sequences of ", count, " rows end at element ",
                                     end));
  }
}

void expect_gradient_inside(const char* op, const char* what, const HeadGradient& heads,
                            const Rows& rows, int64_t width) {
  if (!heads.gradient.wanted()) return;
  expect_inside(op, what,
                {.tensor = heads.gradient.sum,
                 .offset = heads.offset,
                 .row_stride = heads.row_stride,
                 .sequence_stride = heads.sequence_stride},
                rows, width);
}

/// Entries made for other shapes than this one would lead out of the tensors.
void expect_entries(const char* op, const char* what, const Tensor& found, int64_t count,
                    int64_t most) {
  expect_indices(op, what, found, count);
  for (const int32_t entry : found.span<int32_t>()) {
    if (entry < 0 || entry > most) {
      throw base::UsageError(base::str(op, ": ", what, " holds ", entry, ", expected 0 to ", most));
    }
  }
}

Rows rows_of(const char* op, const char* what, const Tensor& offsets, int64_t sequences,
             int64_t most) {
  Rows rows{.sequences = sequences, .most = most};
  if (!offsets.defined()) return rows;
  expect_indices(op, what, offsets, sequences + 1);
  const std::span<const int32_t> entries = offsets.span<int32_t>();
  int64_t before = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const int64_t rise = entries[i] - before;
    if (rise < 0 || rise > (i ? most : 0)) {
      throw base::UsageError(base::str(op, ": ", what, "[", i, "] is ", entries[i], " after ",
                                       before, ", expected 0 to ", i ? most : 0, " more"));
    }
    before = entries[i];
  }
  rows.ragged = true;
  rows.total = before;
  return rows;
}

/// The rows that a table leads to.
Rows rows_of_table(const char* op, const AttentionShape& shape, int64_t key_sequences) {
  expect_shape(op, "key_table", shape.key_table, {key_sequences, shape.keys});
  expect_dtype(op, "key_table", shape.key_table, DType::i32);
  if (shape.key_offsets.defined()) {
    throw base::UsageError(base::str(op, ": key_table and key_offsets exclude each other"));
  }
  int32_t last = -1;
  for (int64_t s = 0; s < key_sequences; ++s) {
    const int32_t* const row = shape.key_table.data<int32_t>() + s * shape.keys;
    const int64_t length =
        shape.key_lengths.defined() ? shape.key_lengths.data<int32_t>()[s] : shape.keys;
    for (int64_t t = 0; t < length; ++t) {
      if (row[t] < 0) {
        throw base::UsageError(
            base::str(op, ": key_table[", s, ", ", t, "] is ", row[t], ", expected at least 0"));
      }
      last = std::max(last, row[t]);
    }
  }
  return {.sequences = 1, .most = 0, .ragged = true, .total = int64_t{last} + 1};
}

/// What both directions check; the rows of queries and keys.
struct Checked {
  Rows queries, keys;
  int64_t longest;  ///< rows of each key sequence that are read
};

Checked check(const char* op, const HeadRows& q, const HeadRows& k, const HeadRows& v,
              const AttentionShape& shape) {
  if (shape.sequences < 0 || shape.queries < 0 || shape.keys < 0 || shape.heads <= 0 ||
      shape.head_dim <= 0) {
    throw base::ShapeError(base::str(op, ": ", shape.sequences, " sequences, ", shape.queries,
                                     " queries, ", shape.keys, " keys, ", shape.heads, " heads of ",
                                     shape.head_dim));
  }
  const int64_t key_sequences = count_key_sequences(shape), width = shape.heads * shape.head_dim;
  if (shape.key_sequence.defined()) {
    expect_entries(op, "key_sequence", shape.key_sequence, shape.sequences, key_sequences - 1);
  } else if (key_sequences < shape.sequences) {
    throw base::ShapeError(base::str(op, ": ", key_sequences, " sequences of keys for ",
                                     shape.sequences, " of queries, and no key_sequence"));
  }
  Checked checked{
      .queries = rows_of(op, "query_offsets", shape.query_offsets, shape.sequences, shape.queries),
      .keys = rows_of(op, "key_offsets", shape.key_offsets, key_sequences, shape.keys),
      .longest = shape.keys};
  if (shape.key_lengths.defined()) {
    expect_entries(op, "key_lengths", shape.key_lengths, key_sequences, shape.keys);
    const std::span<const int32_t> lengths = shape.key_lengths.span<int32_t>();
    checked.longest = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end());
    for (int64_t s = 0; checked.keys.ragged && s < key_sequences; ++s) {
      const int32_t* offsets = shape.key_offsets.data<int32_t>() + s;
      if (lengths[static_cast<std::size_t>(s)] > offsets[1] - offsets[0]) {
        throw base::UsageError(
            base::str(op, ": key_lengths[", s, "] is ", lengths[static_cast<std::size_t>(s)],
                      ", but key_offsets gives it ", offsets[1] - offsets[0], " rows"));
      }
    }
  }
  if (shape.causal && shape.query_start.defined()) {
    expect_entries(op, "query_start", shape.query_start, shape.sequences, INT32_MAX);
  }
  expect_inside(op, "q", q, checked.queries, width);
  Rows read = checked.keys;
  read.most = checked.longest;
  if (shape.key_table.defined()) read = rows_of_table(op, shape, key_sequences);
  expect_inside(op, "k", k, read, width);
  expect_inside(op, "v", v, read, width);
  return checked;
}

/// The shape of `out`.
Shape out_shape(const AttentionShape& shape, const Rows& queries) {
  const int64_t width = shape.heads * shape.head_dim;
  if (queries.ragged) return {queries.total, width};
  return {shape.sequences, shape.queries, width};
}

}  // namespace

int64_t count_key_sequences(const AttentionShape& shape) {
  if (shape.key_sequences) return shape.key_sequences;
  if (shape.key_offsets.defined()) return shape.key_offsets.elements() - 1;
  if (shape.key_lengths.defined()) return shape.key_lengths.elements();
  if (shape.key_table.defined() && shape.key_table.rank() == 2) return shape.key_table.dim(0);
  if (!shape.key_sequence.defined()) return shape.sequences;
  int64_t count = 0;
  for (const int32_t s : shape.key_sequence.span<int32_t>()) {
    count = std::max<int64_t>(count, int64_t{s} + 1);
  }
  return count;
}

void attention_forward(Tensor& out, Tensor& probabilities, Tensor& logsumexp, const HeadRows& q,
                       const HeadRows& k, const HeadRows& v, const AttentionShape& shape) {
  constexpr const char* kOp = "attention_forward";
  const Checked checked = check(kOp, q, k, v, shape);
  expect_f32(kOp, "out", out, out_shape(shape, checked.queries));
  if (probabilities.defined()) {
    expect_f32(kOp, "probabilities", probabilities,
               {shape.sequences, shape.heads, shape.queries, shape.keys});
  }
  if (logsumexp.defined()) {
    expect_f32(kOp, "logsumexp", logsumexp, {shape.sequences, shape.heads, shape.queries});
  }
  const Backend& on = backend(kOp, {{"out", out},
                                    {"probabilities", probabilities},
                                    {"logsumexp", logsumexp},
                                    {"q", q.tensor},
                                    {"k", k.tensor},
                                    {"v", v.tensor}});
  on.kernel(kOp, on.attention.attention_forward)(out, probabilities, logsumexp, q, k, v, shape);
}

void attention_backward(const HeadGradient& dq, const HeadGradient& dk, const HeadGradient& dv,
                        const Tensor& dout, const Tensor& out, const Tensor& logsumexp,
                        const HeadRows& q, const HeadRows& k, const HeadRows& v,
                        const AttentionShape& shape) {
  constexpr const char* kOp = "attention_backward";
  const Checked checked = check(kOp, q, k, v, shape);
  if (shape.key_table.defined()) {
    throw base::UsageError(base::str(kOp, ": there is no way back through a key_table"));
  }
  if (shape.key_sequence.defined() && !shape.key_sequences && !shape.key_offsets.defined() &&
      !shape.key_lengths.defined()) {
    // Sequences that no query looks at have gradients too, and they must be set.
    throw base::UsageError(base::str(kOp,
                                     ": key_sequences is 0, expected their number, because "
                                     "key_sequence need not name them all"));
  }
  const int64_t width = shape.heads * shape.head_dim;
  expect_f32(kOp, "dout", dout, out_shape(shape, checked.queries));
  expect_f32(kOp, "out", out, out_shape(shape, checked.queries));
  expect_f32(kOp, "logsumexp", logsumexp, {shape.sequences, shape.heads, shape.queries});
  expect_gradient_inside(kOp, "dq", dq, checked.queries, width);
  expect_gradient_inside(kOp, "dk", dk, checked.keys, width);
  expect_gradient_inside(kOp, "dv", dv, checked.keys, width);
  const Backend& on = backend(kOp, {{"dout", dout},
                                    {"dq", dq.gradient.sum},
                                    {"dk", dk.gradient.sum},
                                    {"dv", dv.gradient.sum},
                                    {"out", out},
                                    {"logsumexp", logsumexp},
                                    {"q", q.tensor},
                                    {"k", k.tensor},
                                    {"v", v.tensor}});
  on.kernel(kOp, on.attention.attention_backward)(dq, dk, dv, dout, out, logsumexp, q, k, v, shape);
}

}  // namespace tensor
