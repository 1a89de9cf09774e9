// Softmax and its logarithm over the last axis. All tensors are f32.
#pragma once

#include "tensor/tensor.h"

namespace tensor {

/// y = exp(x - max) / sum exp(x - max); x and y are [..., C], y may be x.
void softmax_forward(Tensor& y, const Tensor& x);
/// y = x - max - log sum exp(x - max); x and y are [..., C], y may be x.
void log_softmax_forward(Tensor& y, const Tensor& x);

struct SoftmaxKernels {
  decltype(&tensor::softmax_forward) softmax_forward;
  decltype(&tensor::log_softmax_forward) log_softmax_forward;
};
namespace cpu {
extern const SoftmaxKernels softmax;
}

}  // namespace tensor
