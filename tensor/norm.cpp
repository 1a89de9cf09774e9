#include "tensor/norm.h"

#include "tensor/backend.h"

namespace tensor {
namespace {

void expect_rows(const char* op, const Tensor& x) {
  expect_f32(op, "x", x, x.shape());
  if (x.rank() == 0 || x.dim(-1) == 0) {
    throw base::ShapeError(base::str(op, ": x is ", x.shape().str(), ", expected [..., C]"));
  }
}

}  // namespace

void layer_norm_forward(Tensor& y, Tensor& mean, Tensor& rstd, const Tensor& x,
                        const Tensor& weight, const Tensor& bias, float eps) {
  constexpr const char* kOp = "layer_norm_forward";
  expect_rows(kOp, x);
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

void layer_norm_backward(const Gradient& dx, const Gradient& dw, const Gradient& db,
                         const Tensor& dy, const Tensor& x, const Tensor& weight,
                         const Tensor& mean, const Tensor& rstd) {
  constexpr const char* kOp = "layer_norm_backward";
  expect_rows(kOp, x);
  const int64_t channels = x.dim(-1), rows = x.elements() / channels;
  expect_f32(kOp, "dy", dy, x.shape());
  expect_f32(kOp, "weight", weight, {channels});
  expect_f32(kOp, "mean", mean, {rows});
  expect_f32(kOp, "rstd", rstd, {rows});
  if (dx.wanted()) expect_f32(kOp, "dx", dx.sum, x.shape());
  if (dw.wanted()) expect_f32(kOp, "dw", dw.sum, {channels});
  if (db.wanted()) expect_f32(kOp, "db", db.sum, {channels});
  if (!dx.wanted() && !dw.wanted() && !db.wanted()) return;
  const Backend& on = backend(kOp, {{"dx", dx.sum},
                                    {"dw", dw.sum},
                                    {"db", db.sum},
                                    {"dy", dy},
                                    {"x", x},
                                    {"weight", weight},
                                    {"mean", mean},
                                    {"rstd", rstd}});
  on.kernel(kOp, on.norm.layer_norm_backward)(dx, dw, db, dy, x, weight, mean, rstd);
}

}  // namespace tensor
