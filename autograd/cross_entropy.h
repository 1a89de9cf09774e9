// Differentiable form of tensor/cross_entropy.h.
#pragma once

#include "autograd/var.h"

namespace autograd {

/// sum over r of weights[r] * ((1 - e) nll[r] + e smooth[r]), one number, with the label smoothing
/// e: logits [n, V], labels i32 [n], weights f32 [n]. `nll` [n] receives -log p(label) of each row.
Var cross_entropy(const Var& logits, const tensor::Tensor& labels, const tensor::Tensor& weights,
                  float label_smoothing, tensor::Tensor& nll);

}  // namespace autograd
