#include "autograd/elementwise.h"

#include "autograd/tape.h"
#include "tensor/backend.h"

namespace autograd {

using tensor::Tensor;

Var add(const Var& a, const Var& b) {
  Tensor y = a.value.empty_like(a.shape());
  tensor::add_forward(y, a.value, b.value);
  // No kernel is needed on the way back: both gradients are dy, and one of them may have its
  // memory.
  if (!records("add", y, true, a, b)) return Var(y);
  return record("add", y, [to_a = a.gradient, to_b = b.gradient](const Tensor& dy) {
    if (to_a.wanted()) to_b.add(dy);
    (to_a.wanted() ? to_a : to_b).hand_over(dy);
  });
}

Var scale(const Var& x, float factor) {
  constexpr const char* kOp = "scale";
  const bool recorded =
      records(kOp, x.value, tensor::backend(x.value).elementwise.scale_backward, x);
  Tensor y = x.value.empty_like(x.shape());
  tensor::scale_forward(y, x.value, factor);
  if (!recorded) return Var(y);
  return record(kOp, y, [to_x = x.gradient, factor](const Tensor& dy) {
    tensor::scale_backward(to_x.next(dy.shape()), dy, factor);
  });
}

Var activate(const Var& x, tensor::Activation activation) {
  constexpr const char* kOp = "activate";
  const bool recorded =
      records(kOp, x.value, tensor::backend(x.value).elementwise.activation_backward, x);
  Tensor y = x.value.empty_like(x.shape());
  tensor::activation_forward(y, x.value, activation);
  if (!recorded) return Var(y);
  return record(kOp, y,
                [to_x = x.gradient, saved = Saved(kOp, x.value), activation](const Tensor& dy) {
                  tensor::activation_backward(to_x.next(dy.shape()), dy, saved.read(), activation);
                });
}

}  // namespace autograd
