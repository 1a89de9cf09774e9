#include "autograd/attention.h"

namespace autograd {

using tensor::Tensor;

namespace {

tensor::HeadRows head_rows(const Heads& heads) {
  return {
      .tensor = heads.rows.value,
      .offset = heads.offset,
      .row_stride = heads.rows.dim(-1),
      .sequence_stride = heads.rows.value.rank() == 3 ? heads.rows.dim(1) * heads.rows.dim(2) : 0};
}

}  // namespace

Var attention(const Heads& q, const Heads& k, const Heads& v, const tensor::AttentionShape& shape,
              Tensor* probabilities) {
  const int64_t width = shape.heads * shape.head_dim;
  Tensor out = Tensor::empty(shape.query_offsets.defined()
                                 ? tensor::Shape{q.rows.dim(0), width}
                                 : tensor::Shape{shape.sequences, shape.queries, width});
  Tensor not_wanted;
  if (probabilities) {
    *probabilities = Tensor::empty({shape.sequences, shape.heads, shape.queries, shape.keys});
  }
  tensor::attention_forward(out, probabilities ? *probabilities : not_wanted, not_wanted,
                            head_rows(q), head_rows(k), head_rows(v), shape);
  return out;
}

}  // namespace autograd
