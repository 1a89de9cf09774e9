// Many elements to one number. Sums are taken in double precision and in an order that depends on
// the number of elements alone.
//
// | operation      | inputs | result             |
// |----------------|--------|--------------------|
// | weighted_sum   | f32    | f32                |
// | sum_of_squares | f32    | a double, not f32  |
#pragma once

#include "tensor/gradient.h"

namespace tensor {

/// y = sum over i of weights[i] * x[i], in ascending i: how the losses of tokens become one loss (a
/// mean has weights 1/n, padding has 0, REINFORCE has advantages). x and weights [n], y [].
void weighted_sum_forward(Tensor& y, const Tensor& x, const Tensor& weights);
/// dx = dy * weights; dx and weights [n], dy []. Weights are constants: they have no gradient.
void weighted_sum_backward(const Gradient& dx, const Tensor& dy, const Tensor& weights);

/// The sum of x[i]^2 over all elements of x, of any shape: the square of its norm, for the clipping
/// of gradients.
double sum_of_squares(const Tensor& x);

struct ReduceKernels {
  decltype(&tensor::weighted_sum_forward) weighted_sum_forward;
  decltype(&tensor::weighted_sum_backward) weighted_sum_backward;
  decltype(&tensor::sum_of_squares) sum_of_squares;
};
namespace cpu {
extern const ReduceKernels reduce;
}

}  // namespace tensor
