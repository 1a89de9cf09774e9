#include "autograd/elementwise.h"

#include "autograd/tape.h"
#include "tensor/elementwise.h"

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

}  // namespace autograd
