#include "tensor/softmax.h"

#include "tensor/backend.h"

namespace tensor {
namespace {

void expect_rows(const char* op, const Tensor& y, const Tensor& x) {
  expect_f32(op, "x", x, x.shape());
  if (x.rank() == 0 || x.dim(-1) == 0) {
    throw base::ShapeError(base::str(op, ": x is ", x.shape().str(), ", expected [..., C]"));
  }
  expect_f32(op, "y", y, x.shape());
}

}  // namespace

void softmax_forward(Tensor& y, const Tensor& x) {
  expect_rows("softmax_forward", y, x);
  const Backend& on = backend("softmax_forward", {{"y", y}, {"x", x}});
  on.kernel("softmax_forward", on.softmax.softmax_forward)(y, x);
}

void log_softmax_forward(Tensor& y, const Tensor& x) {
  expect_rows("log_softmax_forward", y, x);
  const Backend& on = backend("log_softmax_forward", {{"y", y}, {"x", x}});
  on.kernel("log_softmax_forward", on.softmax.log_softmax_forward)(y, x);
}

}  // namespace tensor
