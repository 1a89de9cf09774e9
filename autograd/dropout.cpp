#include "autograd/dropout.h"

#include "autograd/tape.h"
#include "tensor/backend.h"

namespace autograd {

using tensor::Tensor;

Var dropout(const Var& x, const tensor::DropoutMask& mask) {
  constexpr const char* kOp = "dropout";
  if (mask.probability == 0) return x;
  const bool recorded = records(kOp, x.value, tensor::backend(x.value).dropout.dropout_backward, x);
  Tensor y = x.value.empty_like(x.shape());
  tensor::dropout_forward(y, x.value, mask);
  if (!recorded) return Var(y);
  return record(kOp, y, [to_x = x.gradient, mask](const Tensor& dy) {
    tensor::dropout_backward(to_x.next(dy.shape()), dy, mask);
  });
}

}  // namespace autograd
