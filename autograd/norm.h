// Differentiable form of tensor/norm.h.
#pragma once

#include "autograd/var.h"

namespace autograd {

/// (x - mean) * rstd * weight + bias over the last axis; x [..., C], weight and bias [C].
Var layer_norm(const Var& x, const Var& weight, const Var& bias, float eps);

}  // namespace autograd
