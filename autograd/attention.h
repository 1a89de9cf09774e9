// Differentiable form of tensor/attention.h.
#pragma once

#include "autograd/var.h"
#include "tensor/attention.h"

namespace autograd {

/// Queries, keys or values [sequences, rows, channels], ragged ones [tokens, channels]: heads lie
/// beside each other from channel `offset` on (a part of a fused projection starts inside the row).
struct Heads {
  Var rows;
  int64_t offset = 0;
};

/// softmax(scale * q k^T) v for each head: [B, Tq, H*D], ragged ones [tokens, H*D]. If
/// `probabilities` is given it receives the softmax weights [B, H, Tq, Tk].
Var attention(const Heads& q, const Heads& k, const Heads& v, const tensor::AttentionShape& shape,
              tensor::Tensor* probabilities = nullptr);

}  // namespace autograd
