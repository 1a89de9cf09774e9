#include "tensor/norm.h"

#include "tensor/backend.h"

namespace tensor {

void layer_norm_forward(Tensor& y, Tensor& mean, Tensor& rstd, const Tensor& x,
                        const Tensor& weight, const Tensor& bias, float eps) {
  constexpr const char* kOp = "layer_norm_forward";
  expect_f32(kOp, "x", x, x.shape());
  if (x.rank() == 0 || x.dim(-1) == 0) {
    throw base::ShapeError(base::str(kOp, ": x is ", x.shape().str(), ", expected [..., C]"));
  }
  const int64_t channels = x.dim(-1), rows = x.elements() / channels;
  expect_f32(kOp, "y", y, x.shape());
  expect_f32(kOp, "weight", weight, {channels});
  expect_f32(kOp, "bias", bias, {channels});
  if (mean.defined()) expect_f32(kOp, "mean", mean, {rows});
  if (rstd.defined()) expect_f32(kOp, "rstd", rstd, {rows});
  const Backend& on = backend(
      kOp,
      {{"y", y}, {"mean", mean}, {"rstd", rstd}, {"x", x}, {"weight", weight}, {"bias", bias}});
  on.kernel(kOp, on.norm.layer_norm_forward)(y, mean, rstd, x, weight, bias, eps);
}

}  // namespace tensor
