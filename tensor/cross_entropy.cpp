#include "tensor/cross_entropy.h"

#include "tensor/backend.h"

namespace tensor {

void cross_entropy_forward(Tensor& nll, Tensor& smooth, const Tensor& logits,
                           const Tensor& labels) {
  constexpr const char* kOp = "cross_entropy_forward";
  expect_f32(kOp, "logits", logits, logits.shape());
  if (logits.rank() != 2 || logits.dim(1) == 0) {
    throw base::ShapeError(
        base::str(kOp, ": logits is ", logits.shape().str(), ", expected [rows, V]"));
  }
  const int64_t rows = logits.dim(0);
  expect_indices(kOp, "labels", labels, rows);
  expect_f32(kOp, "nll", nll, {rows});
  if (smooth.defined()) expect_f32(kOp, "smooth", smooth, {rows});
  const Backend& on =
      backend(kOp, {{"nll", nll}, {"smooth", smooth}, {"logits", logits}, {"labels", labels}});
  on.kernel(kOp, on.cross_entropy.cross_entropy_forward)(nll, smooth, logits, labels);
}

}  // namespace tensor
