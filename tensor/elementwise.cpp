#include "tensor/elementwise.h"

#include "tensor/backend.h"

namespace tensor {

void add_forward(Tensor& y, const Tensor& a, const Tensor& b) {
  expect_f32("add_forward", "a", a, a.shape());
  expect_f32("add_forward", "b", b, a.shape());
  expect_f32("add_forward", "y", y, a.shape());
  const Backend& on = backend("add_forward", {{"y", y}, {"a", a}, {"b", b}});
  on.kernel("add_forward", on.elementwise.add_forward)(y, a, b);
}

void accumulate(Tensor& sum, const Tensor& x) {
  expect_f32("accumulate", "x", x, x.shape());
  expect_f32("accumulate", "sum", sum, x.shape());
  const Backend& on = backend("accumulate", {{"sum", sum}, {"x", x}});
  on.kernel("accumulate", on.elementwise.add_forward)(sum, sum, x);
}

void scale_forward(Tensor& y, const Tensor& x, float factor) {
  expect_f32("scale_forward", "x", x, x.shape());
  expect_f32("scale_forward", "y", y, x.shape());
  const Backend& on = backend("scale_forward", {{"y", y}, {"x", x}});
  on.kernel("scale_forward", on.elementwise.scale_forward)(y, x, factor);
}

void scale_backward(const Gradient& dx, const Tensor& dy, float factor) {
  constexpr const char* kOp = "scale_backward";
  expect_f32(kOp, "dy", dy, dy.shape());
  expect_gradient(kOp, "dx", dx, dy.shape());
  if (!dx.wanted()) return;
  const Backend& on = backend(kOp, {{"dx", dx.sum}, {"dy", dy}});
  on.kernel(kOp, on.elementwise.scale_backward)(dx, dy, factor);
}

void activation_forward(Tensor& y, const Tensor& x, Activation activation) {
  expect_f32("activation_forward", "x", x, x.shape());
  expect_f32("activation_forward", "y", y, x.shape());
  const Backend& on = backend("activation_forward", {{"y", y}, {"x", x}});
  on.kernel("activation_forward", on.elementwise.activation_forward)(y, x, activation);
}

void activation_backward(const Gradient& dx, const Tensor& dy, const Tensor& pre_activation,
                         Activation activation) {
  constexpr const char* kOp = "activation_backward";
  expect_f32(kOp, "dy", dy, dy.shape());
  expect_f32(kOp, "pre_activation", pre_activation, dy.shape());
  expect_gradient(kOp, "dx", dx, dy.shape());
  if (dx.wanted()) {
    const Backend& on =
        backend(kOp, {{"dx", dx.sum}, {"dy", dy}, {"pre_activation", pre_activation}});
    on.kernel(kOp, on.elementwise.activation_backward)(dx, dy, pre_activation, activation);
  }
}

}  // namespace tensor
