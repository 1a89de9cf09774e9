// Inputs of attention's backward pass, and what comes out of it, for its tests.
#pragma once

#include <cmath>
#include <limits>

#include "tensor/attention.h"
#include "tensor/index.h"
#include "tests/attention_rows.h"
#include "tests/reference/twins.h"

namespace attention_gradients {

using attention_rows::all_of;
using attention_rows::filled;
using attention_rows::numbers;
using tensor::AttentionShape;
using tensor::HeadGradient;
using tensor::HeadRows;
using tensor::Tensor;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// What goes into a backward pass; dout is made from a seed.
struct Inputs {
  HeadRows q, k, v;
  AttentionShape shape;
};

struct Gradients {
  Tensor q, k, v;
};

inline Tensor dout_of(const AttentionShape& shape) {
  const int64_t width = shape.heads * shape.head_dim, b = shape.sequences;
  if (!shape.query_offsets.defined()) return reference::random({b, shape.queries, width}, 77);
  return reference::random({shape.query_offsets.data<int32_t>()[b], width}, 77);
}

inline HeadGradient like(const HeadRows& rows, const Tensor& sum, bool add) {
  return {.gradient = {.sum = sum, .add = add},
          .offset = rows.offset,
          .row_stride = rows.row_stride,
          .sequence_stride = rows.sequence_stride};
}

/// Forward, then backward into (or, with `add`, onto) `gradients`; those undefined are not wanted.
inline void differentiate(const Gradients& gradients, bool add, const Inputs& x,
                          const Tensor& dout) {
  Tensor out = Tensor::empty(dout.shape()), none;
  Tensor logsumexp = filled({x.shape.sequences, x.shape.heads, x.shape.queries}, kNaN);
  tensor::attention_forward(out, none, logsumexp, x.q, x.k, x.v, x.shape);
  tensor::attention_backward(like(x.q, gradients.q, add), like(x.k, gradients.k, add),
                             like(x.v, gradients.v, add), dout, out, logsumexp, x.q, x.k, x.v,
                             x.shape);
}

inline Gradients stored(const Inputs& x, const Tensor& dout) {
  const Gradients gradients{.q = filled(x.q.tensor.shape(), kNaN),
                            .k = filled(x.k.tensor.shape(), kNaN),
                            .v = filled(x.v.tensor.shape(), kNaN)};
  differentiate(gradients, false, x, dout);
  return gradients;
}
inline Gradients stored(const Inputs& x) {
  return stored(x, dout_of(x.shape));
}

inline bool same_bits(const Gradients& a, const Gradients& b) {
  return attention_rows::same_bits(a.q, b.q) && attention_rows::same_bits(a.k, b.k) &&
         attention_rows::same_bits(a.v, b.v);
}

/// [sequences, rows, channels] each, of random numbers.
inline Inputs random_inputs(AttentionShape shape) {
  const int64_t width = shape.heads * shape.head_dim, keys = tensor::count_key_sequences(shape);
  shape.scale = 1 / std::sqrt(static_cast<float>(shape.head_dim));
  return {.q = all_of(reference::random({shape.sequences, shape.queries, width}, 1)),
          .k = all_of(reference::random({keys, shape.keys, width}, 2)),
          .v = all_of(reference::random({keys, shape.keys, width}, 3)),
          .shape = shape};
}

/// Ragged rows of one block [23, 3 * width] of queries, one [55, 3 * width] of keys and values.
inline Inputs ragged_inputs(bool causal, bool shared, int64_t heads = 2, int64_t head_dim = 20) {
  const int64_t width = heads * head_dim;
  const std::vector<int32_t> query_rows{5, 0, 17, 1}, key_rows{33, 4, 0, 18};
  const Tensor queries = reference::random({23, 3 * width}, 4),
               keys = reference::random({55, 3 * width}, 5);
  const auto part = [&](const Tensor& rows, int64_t index) {
    return HeadRows{.tensor = rows, .offset = index * width, .row_stride = 3 * width};
  };
  Inputs x{.q = part(queries, 0), .k = part(keys, 1), .v = part(keys, 2), .shape = {}};
  x.shape = {.sequences = 4,
             .queries = 17,
             .keys = 33,
             .heads = heads,
             .head_dim = head_dim,
             .scale = 0.3f,
             .causal = causal,
             .query_offsets = tensor::row_offsets(query_rows),
             .key_offsets = tensor::row_offsets(key_rows),
             .key_lengths = numbers({20, 4, 0, 17})};
  if (shared) x.shape.key_sequence = numbers({3, 0, 3, 2});
  return x;
}

}  // namespace attention_gradients
