// AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019) over many
// tensors at once: one call a training step, so that a device needs one launch for all of them.
//
// | value, gradient, moments |
// |--------------------------|
// | f32                      |
#pragma once

#include <span>

#include "tensor/tensor.h"

namespace tensor {

/// A tensor that is optimised, and what the optimiser remembers of it; all of one shape.
struct AdamwTensor {
  Tensor value;
  Tensor gradient;         ///< undefined: the tensor is left alone, its moments too
  Tensor first, second;    ///< running means of the gradient and of its square; zeros at first
  float weight_decay = 0;  ///< w below; often 0 for biases and norms
};

/// What all tensors of a step share.
struct AdamwStep {
  float learning_rate = 1e-3f;
  float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
  int64_t step = 1;          ///< how many steps this one makes; 1 the first
  float gradient_scale = 1;  ///< multiplies gradients as they are read: how clipping is done
};

/// For each element, with g its scaled gradient and t the step:
///   first  = beta1 first  + (1 - beta1) g
///   second = beta2 second + (1 - beta2) g^2
///   value  = (1 - rate w) value - rate (first / (1 - beta1^t)) / (sqrt(second / (1 - beta2^t)) +
///   epsilon)
void adamw_step(std::span<AdamwTensor> tensors, const AdamwStep& step);

struct OptimizerKernels {
  decltype(&tensor::adamw_step) adamw_step;
};
namespace cpu {
extern const OptimizerKernels optimizer;
}

}  // namespace tensor
