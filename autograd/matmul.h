// Differentiable form of tensor/matmul.h.
#pragma once

#include "autograd/var.h"
#include "tensor/activation.h"

namespace autograd {

/// activation(x weight^T + bias) + residual; x [..., K], weight [N, K], bias [N] or undefined,
/// residual [..., N] or undefined.
Var linear(const Var& x, const Parameter& weight, const Var& bias,
           tensor::Activation activation = tensor::Activation::none, const Var& residual = {});

}  // namespace autograd
