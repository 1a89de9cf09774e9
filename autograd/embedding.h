// Differentiable form of tensor/embedding.h.
#pragma once

#include "autograd/var.h"

namespace autograd {

/// table[ids]: table [V, C] (f32, f16 or bf16), ids i64 of any shape; [..., C] in f32.
Var embedding(const Var& table, const tensor::Tensor& ids);

}  // namespace autograd
