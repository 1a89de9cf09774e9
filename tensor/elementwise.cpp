#include "tensor/elementwise.h"

#include "tensor/backend.h"

namespace tensor {

void add_forward(Tensor& y, const Tensor& a, const Tensor& b) {
  expect_f32("add_forward", "a", a, a.shape());
  expect_f32("add_forward", "b", b, a.shape());
  expect_f32("add_forward", "y", y, a.shape());
  backend(a).elementwise.add_forward(y, a, b);
}

void gelu_forward(Tensor& y, const Tensor& x) {
  expect_f32("gelu_forward", "x", x, x.shape());
  expect_f32("gelu_forward", "y", y, x.shape());
  backend(x).elementwise.gelu_forward(y, x);
}

}  // namespace tensor
