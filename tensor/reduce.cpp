#include "tensor/reduce.h"

#include "tensor/backend.h"

namespace tensor {

void weighted_sum_forward(Tensor& y, const Tensor& x, const Tensor& weights) {
  constexpr const char* kOp = "weighted_sum_forward";
  expect_f32(kOp, "x", x, {x.elements()});
  expect_f32(kOp, "weights", weights, x.shape());
  expect_f32(kOp, "y", y, {});
  const Backend& on = backend(kOp, {{"y", y}, {"x", x}, {"weights", weights}});
  on.kernel(kOp, on.reduce.weighted_sum_forward)(y, x, weights);
}

void weighted_sum_backward(const Gradient& dx, const Tensor& dy, const Tensor& weights) {
  constexpr const char* kOp = "weighted_sum_backward";
  expect_f32(kOp, "weights", weights, {weights.elements()});
  expect_f32(kOp, "dy", dy, {});
  expect_gradient(kOp, "dx", dx, weights.shape());
  if (!dx.wanted()) return;
  const Backend& on = backend(kOp, {{"dx", dx.sum}, {"dy", dy}, {"weights", weights}});
  on.kernel(kOp, on.reduce.weighted_sum_backward)(dx, dy, weights);
}

double sum_of_squares(const Tensor& x) {
  expect_f32("sum_of_squares", "x", x, x.shape());
  const Backend& on = backend("sum_of_squares", {{"x", x}});
  return on.kernel("sum_of_squares", on.reduce.sum_of_squares)(x);
}

}  // namespace tensor
