// Differentiable form of tensor/dropout.h.
#pragma once

#include "autograd/var.h"
#include "tensor/dropout.h"

namespace autograd {

/// x / (1 - probability), with zeros where the mask has them; x itself if the probability is 0.
Var dropout(const Var& x, const tensor::DropoutMask& mask);

}  // namespace autograd
