#include "autograd/attention.h"

#include "autograd/tape.h"
#include "tensor/backend.h"

namespace autograd {

using tensor::AttentionShape;
using tensor::Gradient;
using tensor::HeadGradient;
using tensor::HeadRows;
using tensor::Shape;
using tensor::Tensor;

namespace {

constexpr const char* kOp = "attention";

/// Where the rows lie; `sequence_rows`: of each sequence, if they are dense.
HeadRows head_rows(const Heads& heads, int64_t sequence_rows) {
  const int64_t stride = heads.rows.dim(-1);
  return {.tensor = heads.rows.value,
          .offset = heads.offset,
          .row_stride = stride,
          .sequence_stride = sequence_rows * stride};
}

/// The places of an input's gradient. The kernel sets what belongs to the heads and leaves the rest
/// alone. Where that is not all of the tensor (a part of a fused projection, keys beyond a length
/// or of a sequence that nobody reads), a first contribution is therefore added to zeros.
HeadGradient head_gradient(const GradientSlot& slot, const HeadRows& rows, bool covered) {
  Gradient gradient = slot.next(rows.tensor.shape());
  if (gradient.wanted() && !gradient.add && !covered) {
    std::fill_n(gradient.sum.data<float>(), gradient.sum.elements(), 0.0f);
    gradient.add = true;
  }
  return {.gradient = gradient,
          .offset = rows.offset,
          .row_stride = rows.row_stride,
          .sequence_stride = rows.sequence_stride};
}

struct AttentionStep {
  GradientSlot to_q, to_k, to_v;
  HeadRows q, k, v;
  Saved saved_q, saved_k, saved_v;
  AttentionShape shape;
  Tensor out, logsumexp;

  void operator()(const Tensor& dy) const {
    saved_q.read();
    saved_k.read();
    saved_v.read();
    const int64_t width = shape.heads * shape.head_dim;
    // Every query row is some sequence's; every key row if sequences have keys of their own.
    const bool own_keys = !shape.key_sequence.defined();
    const HeadGradient dq = head_gradient(to_q, q, q.row_stride == width);
    const HeadGradient dk = head_gradient(to_k, k, own_keys && k.row_stride == width);
    const HeadGradient dv = head_gradient(to_v, v, own_keys && v.row_stride == width);
    tensor::attention_backward(dq, dk, dv, dy.reshape(out.shape()), out, logsumexp, q, k, v, shape);
  }
};

}  // namespace

Var attention(const Heads& q, const Heads& k, const Heads& v, const AttentionShape& shape,
              Tensor* probabilities) {
  const bool recorded =
      records(kOp, q.rows.value, tensor::backend(q.rows.value).attention.attention_backward, q.rows,
              k.rows, v.rows);
  if (recorded && shape.key_table.defined()) {
    throw base::UsageError("attention: there is no way back through a key_table");
  }
  const int64_t width = shape.heads * shape.head_dim;
  const Shape dense{shape.sequences, shape.queries, width};
  const bool ragged = shape.query_offsets.defined();
  Tensor out = q.rows.value.empty_like(ragged ? Shape{q.rows.dim(0), width} : dense);
  Tensor logsumexp, not_wanted;
  if (recorded) logsumexp = out.empty_like({shape.sequences, shape.heads, shape.queries});
  if (probabilities) {
    *probabilities = out.empty_like({shape.sequences, shape.heads, shape.queries, shape.keys});
  }
  const HeadRows q_rows = head_rows(q, shape.queries), k_rows = head_rows(k, shape.keys),
                 v_rows = head_rows(v, shape.keys);
  tensor::attention_forward(out, probabilities ? *probabilities : not_wanted, logsumexp, q_rows,
                            k_rows, v_rows, shape);
  const bool flat = !ragged && q.rows.value.rank() == 2;
  const Shape result = flat ? Shape{shape.sequences * shape.queries, width} : out.shape();
  if (!recorded) return Var(out.reshape(result));
  return record(kOp, out.reshape(result),
                AttentionStep{.to_q = q.rows.gradient,
                              .to_k = k.rows.gradient,
                              .to_v = v.rows.gradient,
                              .q = q_rows,
                              .k = k_rows,
                              .v = v_rows,
                              .saved_q = Saved(kOp, q_rows.tensor),
                              .saved_k = Saved(kOp, k_rows.tensor),
                              .saved_v = Saved(kOp, v_rows.tensor),
                              .shape = shape,
                              .out = out,
                              .logsumexp = logsumexp});
}

}  // namespace autograd
