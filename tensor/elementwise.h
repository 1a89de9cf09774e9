// Operations on each element by itself. All tensors are f32 and of one shape; outputs may be
// inputs.
#pragma once

#include "tensor/tensor.h"

namespace tensor {

/// y = a + b.
void add_forward(Tensor& y, const Tensor& a, const Tensor& b);
/// y = x * Phi(x) = x/2 * (1 + erf(x / sqrt 2)): the exact GELU (Hendrycks and Gimpel, 2016).
void gelu_forward(Tensor& y, const Tensor& x);

struct ElementwiseKernels {
  decltype(&tensor::add_forward) add_forward;
  decltype(&tensor::gelu_forward) gelu_forward;
};
namespace cpu {
extern const ElementwiseKernels elementwise;
}

}  // namespace tensor
