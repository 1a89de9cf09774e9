// Operations on each element by itself. All tensors are f32 and of one shape; outputs may be
// inputs.
#pragma once

#include "tensor/activation.h"
#include "tensor/gradient.h"

namespace tensor {

/// y = a + b. Both have the gradient dy itself.
void add_forward(Tensor& y, const Tensor& a, const Tensor& b);
/// sum += x: a further contribution to a gradient.
void accumulate(Tensor& sum, const Tensor& x);

/// y = factor * x.
void scale_forward(Tensor& y, const Tensor& x, float factor);
/// dx = factor * dy.
void scale_backward(const Gradient& dx, const Tensor& dy, float factor);

/// y = activation(x).
void activation_forward(Tensor& y, const Tensor& x, Activation activation);
/// dx = dy * activation'(pre_activation), of what activation_forward (or a matmul's epilogue) was
/// given; dx may be dy.
void activation_backward(const Gradient& dx, const Tensor& dy, const Tensor& pre_activation,
                         Activation activation);

struct ElementwiseKernels {
  decltype(&tensor::add_forward) add_forward;
  decltype(&tensor::scale_forward) scale_forward;
  decltype(&tensor::scale_backward) scale_backward;
  decltype(&tensor::activation_forward) activation_forward;
  decltype(&tensor::activation_backward) activation_backward;
};
namespace cpu {
extern const ElementwiseKernels elementwise;
}

}  // namespace tensor
