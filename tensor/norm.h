// Layer normalisation (Ba, Kiros and Hinton, 2016, equation 4).
//
// | x, weight, bias, y | mean, rstd |
// |--------------------|------------|
// | f32                | f32        |
#pragma once

#include "tensor/tensor.h"

namespace tensor {

/// y = (x - mean) * rstd * weight + bias over the last axis, rstd = 1 / sqrt(variance + eps).
/// x and y are [..., C], weight and bias [C]; y may be x. mean and rstd are [rows], what a backward
/// pass reads; undefined tensors mean that they are not wanted. The variance is that of the
/// population, computed in a second pass over the centred values.
void layer_norm_forward(Tensor& y, Tensor& mean, Tensor& rstd, const Tensor& x,
                        const Tensor& weight, const Tensor& bias, float eps);

struct NormKernels {
  decltype(&tensor::layer_norm_forward) layer_norm_forward;
};
namespace cpu {
extern const NormKernels norm;
}

}  // namespace tensor
