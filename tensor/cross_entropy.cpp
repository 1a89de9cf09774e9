#include "tensor/cross_entropy.h"

#include "tensor/backend.h"

namespace tensor {
namespace {

void expect_logits(const char* op, const Tensor& logits, const Tensor& labels) {
  expect_f32(op, "logits", logits, logits.shape());
  if (logits.rank() != 2 || logits.dim(1) == 0) {
    throw base::ShapeError(
        base::str(op, ": logits is ", logits.shape().str(), ", expected [rows, V]"));
  }
  expect_indices(op, "labels", labels, logits.dim(0));
}

}  // namespace

void cross_entropy_forward(Tensor& nll, Tensor& smooth, Tensor& logsumexp, const Tensor& logits,
                           const Tensor& labels) {
  constexpr const char* kOp = "cross_entropy_forward";
  expect_logits(kOp, logits, labels);
  const Shape rows{logits.dim(0)};
  expect_f32(kOp, "nll", nll, rows);
  if (smooth.defined()) expect_f32(kOp, "smooth", smooth, rows);
  if (logsumexp.defined()) expect_f32(kOp, "logsumexp", logsumexp, rows);
  const Backend& on = backend(kOp, {{"nll", nll},
                                    {"smooth", smooth},
                                    {"logsumexp", logsumexp},
                                    {"logits", logits},
                                    {"labels", labels}});
  on.kernel(kOp, on.cross_entropy.cross_entropy_forward)(nll, smooth, logsumexp, logits, labels);
}

void cross_entropy_backward(const Gradient& dlogits, const Tensor& dnll, const Tensor& dsmooth,
                            const Tensor& logits, const Tensor& labels, const Tensor& logsumexp) {
  constexpr const char* kOp = "cross_entropy_backward";
  expect_logits(kOp, logits, labels);
  const Shape rows{logits.dim(0)};
  if (dnll.defined()) expect_f32(kOp, "dnll", dnll, rows);
  if (dsmooth.defined()) expect_f32(kOp, "dsmooth", dsmooth, rows);
  expect_f32(kOp, "logsumexp", logsumexp, rows);
  expect_gradient(kOp, "dlogits", dlogits, logits.shape());
  if (!dlogits.wanted()) return;
  if (dlogits.add && dlogits.sum.raw() == logits.raw()) {
    throw base::UsageError(base::str(kOp, ": dlogits cannot be logits and be added to"));
  }
  const Backend& on = backend(kOp, {{"dlogits", dlogits.sum},
                                    {"dnll", dnll},
                                    {"dsmooth", dsmooth},
                                    {"logits", logits},
                                    {"labels", labels},
                                    {"logsumexp", logsumexp}});
  on.kernel(kOp, on.cross_entropy.cross_entropy_backward)(dlogits, dnll, dsmooth, logits, labels,
                                                          logsumexp);
}

}  // namespace tensor
