#include "nn/attention.h"

#include <cmath>

namespace nn {

Var attend(const Heads& q, const Heads& k, const Heads& v, int64_t heads, int64_t head_dim,
           tensor::AttentionShape rows, tensor::Tensor* weights) {
  rows.heads = heads;
  rows.head_dim = head_dim;
  rows.scale = 1 / std::sqrt(static_cast<float>(head_dim));
  return autograd::attention(q, k, v, rows, weights);
}

}  // namespace nn
