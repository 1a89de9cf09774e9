// Differentiable form of tensor/elementwise.h.
#pragma once

#include "autograd/var.h"
#include "tensor/activation.h"

namespace autograd {

/// a + b, of one shape.
Var add(const Var& a, const Var& b);

/// factor * x.
Var scale(const Var& x, float factor);

/// activation(x), where no matmul has it in its epilogue.
Var activate(const Var& x, tensor::Activation activation);

}  // namespace autograd
