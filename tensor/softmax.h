// Softmax and its logarithm over the last axis. All tensors are f32.
#pragma once

#include "tensor/gradient.h"

namespace tensor {

/// y = exp(x - max) / sum exp(x - max); x and y are [..., C], y may be x.
void softmax_forward(Tensor& y, const Tensor& x);
/// dx = y * (dy - sum dy * y), from the result y; dx may be dy.
void softmax_backward(const Gradient& dx, const Tensor& dy, const Tensor& y);
/// y = x - max - log sum exp(x - max); x and y are [..., C], y may be x.
void log_softmax_forward(Tensor& y, const Tensor& x);
/// dx = dy - exp(y) * sum dy, from the result y; dx may be dy.
void log_softmax_backward(const Gradient& dx, const Tensor& dy, const Tensor& y);

struct SoftmaxKernels {
  decltype(&tensor::softmax_forward) softmax_forward;
  decltype(&tensor::softmax_backward) softmax_backward;
  decltype(&tensor::log_softmax_forward) log_softmax_forward;
  decltype(&tensor::log_softmax_backward) log_softmax_backward;
};
namespace cpu {
extern const SoftmaxKernels softmax;
}

}  // namespace tensor
