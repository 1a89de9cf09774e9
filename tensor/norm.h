// Layer normalisation (Ba, Kiros and Hinton, 2016, equation 4).
//
// | x, weight, bias, y, dy | mean, rstd | dx, dw, db |
// |------------------------|------------|------------|
// | f32                    | f32        | f32        |
#pragma once

#include "tensor/gradient.h"
#include "tensor/tensor.h"

namespace tensor {

/// y = (x - mean) * rstd * weight + bias over the last axis, rstd = 1 / sqrt(variance + eps).
/// x and y are [..., C], weight and bias [C]; y may be x. mean and rstd are [rows], what a backward
/// pass reads; undefined tensors mean that they are not wanted. The variance is that of the
/// population, computed in a second pass over the centred values.
void layer_norm_forward(Tensor& y, Tensor& mean, Tensor& rstd, const Tensor& x,
                        const Tensor& weight, const Tensor& bias, float eps);

/// With the normal values h = (x - mean) * rstd and g = dy * weight:
///   dx (=|+=) rstd * (g - mean of g - h * mean of g h), the means over a row's C channels;
///   dw (=|+=) sum over rows of dy h; db (=|+=) sum over rows of dy.
/// mean and rstd are what forward computed of x. A sum over rows is made of sums over chunks of
/// rows, each ascending, then added in ascending order; the chunks depend on the number of rows
/// alone. dx may be dy.
void layer_norm_backward(const Gradient& dx, const Gradient& dw, const Gradient& db,
                         const Tensor& dy, const Tensor& x, const Tensor& weight,
                         const Tensor& mean, const Tensor& rstd);

struct NormKernels {
  decltype(&tensor::layer_norm_forward) layer_norm_forward;
  decltype(&tensor::layer_norm_backward) layer_norm_backward;
};
namespace cpu {
extern const NormKernels norm;
}

}  // namespace tensor
