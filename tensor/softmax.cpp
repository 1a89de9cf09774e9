#include "tensor/softmax.h"

#include "tensor/backend.h"

namespace tensor {
namespace {

/// `first` is [..., C], `second` of the same shape.
void expect_rows(const char* op, const char* first_name, const Tensor& first,
                 const char* second_name, const Tensor& second) {
  expect_f32(op, first_name, first, first.shape());
  if (first.rank() == 0 || first.dim(-1) == 0) {
    throw base::ShapeError(
        base::str(op, ": ", first_name, " is ", first.shape().str(), ", expected [..., C]"));
  }
  expect_f32(op, second_name, second, first.shape());
}

}  // namespace

void softmax_forward(Tensor& y, const Tensor& x) {
  expect_rows("softmax_forward", "x", x, "y", y);
  const Backend& on = backend("softmax_forward", {{"y", y}, {"x", x}});
  on.kernel("softmax_forward", on.softmax.softmax_forward)(y, x);
}

void softmax_backward(const Gradient& dx, const Tensor& dy, const Tensor& y) {
  constexpr const char* kOp = "softmax_backward";
  expect_rows(kOp, "y", y, "dy", dy);
  expect_gradient(kOp, "dx", dx, y.shape());
  if (!dx.wanted()) return;
  const Backend& on = backend(kOp, {{"dx", dx.sum}, {"dy", dy}, {"y", y}});
  on.kernel(kOp, on.softmax.softmax_backward)(dx, dy, y);
}

void log_softmax_forward(Tensor& y, const Tensor& x) {
  expect_rows("log_softmax_forward", "x", x, "y", y);
  const Backend& on = backend("log_softmax_forward", {{"y", y}, {"x", x}});
  on.kernel("log_softmax_forward", on.softmax.log_softmax_forward)(y, x);
}

void log_softmax_backward(const Gradient& dx, const Tensor& dy, const Tensor& y) {
  constexpr const char* kOp = "log_softmax_backward";
  expect_rows(kOp, "y", y, "dy", dy);
  expect_gradient(kOp, "dx", dx, y.shape());
  if (!dx.wanted()) return;
  const Backend& on = backend(kOp, {{"dx", dx.sum}, {"dy", dy}, {"y", y}});
  on.kernel(kOp, on.softmax.log_softmax_backward)(dx, dy, y);
}

}  // namespace tensor
