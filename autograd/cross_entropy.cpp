#include "autograd/cross_entropy.h"

#include "autograd/tape.h"
#include "tensor/backend.h"
#include "tensor/reduce.h"  // weighted_sum_forward

namespace autograd {

using tensor::Tensor;

namespace {

/// factor * x of a few numbers.
Tensor scaled(const Tensor& x, float factor) {
  Tensor y = x.empty_like(x.shape());
  for (int64_t i = 0; i < x.elements(); ++i) y.data<float>()[i] = factor * x.span<float>()[i];
  return y;
}

}  // namespace

Var cross_entropy(const Var& logits, const Tensor& labels, const Tensor& weights,
                  float label_smoothing, Tensor& nll) {
  constexpr const char* kOp = "cross_entropy";
  const bool recorded =
      records(kOp, logits.value, tensor::backend(logits.value).cross_entropy.cross_entropy_backward,
              logits);
  const int64_t rows = logits.dim(0);
  Tensor smooth, logsumexp;
  if (label_smoothing != 0) smooth = logits.value.empty_like({rows});
  if (recorded) logsumexp = logits.value.empty_like({rows});
  tensor::cross_entropy_forward(nll, smooth, logsumexp, logits.value, labels);

  Tensor loss = logits.value.empty_like({}), part = logits.value.empty_like({});
  tensor::weighted_sum_forward(loss, nll, weights);
  if (smooth.defined()) {
    tensor::weighted_sum_forward(part, smooth, weights);
    loss = Tensor::from<float>({}, {(1 - label_smoothing) * loss.span<float>()[0] +
                                    label_smoothing * part.span<float>()[0]});
  }
  if (!recorded) return Var(loss);
  return record(kOp, loss,
                [slot = logits.gradient, saved = Saved(kOp, logits.value), labels, weights,
                 label_smoothing, logsumexp](const Tensor& dy) {
                  const float upstream = dy.span<float>()[0];
                  Tensor dsmooth;
                  if (label_smoothing != 0) dsmooth = scaled(weights, label_smoothing * upstream);
                  tensor::cross_entropy_backward(slot.next(saved.read().shape()),
                                                 scaled(weights, (1 - label_smoothing) * upstream),
                                                 dsmooth, saved.read(), labels, logsumexp);
                });
}

}  // namespace autograd
