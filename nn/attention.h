// Multi-head attention as modules use it.
#pragma once

#include "autograd/attention.h"

namespace nn {

using autograd::Heads;
using autograd::Var;

/// softmax(q k^T / sqrt(head_dim)) v for each of `heads` heads of `head_dim` channels beside each
/// other (Vaswani et al., 2017, section 3.2.2). `rows` says which rows there are and who sees whom;
/// its heads, head_dim and scale are set here. `weights`: where the softmax weights [B, H, Tq, Tk]
/// go, null if nobody wants them.
Var attend(const Heads& q, const Heads& k, const Heads& v, int64_t heads, int64_t head_dim,
           tensor::AttentionShape rows, tensor::Tensor* weights);

}  // namespace nn
