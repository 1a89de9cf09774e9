// Differentiable form of tensor/embedding.h.
#pragma once

#include "autograd/var.h"

namespace autograd {

/// table[ids]: table [V, C] (f32, f16 or bf16), ids i32 (`tensor/index.h`) of any shape; [..., C]
/// in f32.
Var embedding(const Var& table, const tensor::Tensor& ids);

}  // namespace autograd
