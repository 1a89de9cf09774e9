// Differentiable form of tensor/copy.h.
#pragma once

#include "autograd/var.h"

namespace autograd {

/// from[rows[i]]: from [n, ...], rows i32 [m]; [m, ...].
Var gather_rows(const Var& from, const tensor::Tensor& rows);

}  // namespace autograd
