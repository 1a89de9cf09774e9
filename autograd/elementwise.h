// Differentiable form of tensor/elementwise.h.
#pragma once

#include "autograd/var.h"

namespace autograd {

/// a + b, of one shape.
Var add(const Var& a, const Var& b);

}  // namespace autograd
