#include "tensor/reduce.h"

#include "tensor/backend.h"

namespace tensor {

void weighted_sum_forward(Tensor& y, const Tensor& x, const Tensor& weights) {
  constexpr const char* kOp = "weighted_sum_forward";
  expect_f32(kOp, "x", x, {x.elements()});
  expect_f32(kOp, "weights", weights, x.shape());
  expect_f32(kOp, "y", y, {});
  backend(x).reduce.weighted_sum_forward(y, x, weights);
}

void weighted_sum_backward(const Gradient& dx, const Tensor& dy, const Tensor& weights) {
  constexpr const char* kOp = "weighted_sum_backward";
  expect_f32(kOp, "weights", weights, {weights.elements()});
  expect_f32(kOp, "dy", dy, {});
  expect_gradient(kOp, "dx", dx, weights.shape());
  if (dx.wanted()) backend(dy).reduce.weighted_sum_backward(dx, dy, weights);
}

double sum_of_squares(const Tensor& x) {
  expect_f32("sum_of_squares", "x", x, x.shape());
  return backend(x).reduce.sum_of_squares(x);
}

}  // namespace tensor
