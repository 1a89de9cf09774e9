#include "autograd/norm.h"

#include "autograd/tape.h"
#include "tensor/backend.h"

namespace autograd {

using tensor::Tensor;

Var layer_norm(const Var& x, const Var& weight, const Var& bias, float eps) {
  constexpr const char* kOp = "layer_norm";
  const bool recorded =
      records(kOp, x.value, tensor::backend(x.value).norm.layer_norm_backward, x, weight, bias);
  Tensor y = x.value.empty_like(x.shape()), mean, rstd;
  if (recorded) {
    const int64_t rows = x.value.elements() / x.dim(-1);
    mean = x.value.empty_like({rows});
    rstd = x.value.empty_like({rows});
  }
  tensor::layer_norm_forward(y, mean, rstd, x.value, weight.value, bias.value, eps);
  if (!recorded) return Var(y);
  return record(kOp, y,
                [to_x = x.gradient, to_weight = weight.gradient, to_bias = bias.gradient,
                 saved_x = Saved(kOp, x.value), saved_weight = Saved(kOp, weight.value), mean,
                 rstd](const Tensor& dy) {
                  const Tensor &x_read = saved_x.read(), &weight_read = saved_weight.read();
                  tensor::layer_norm_backward(
                      to_x.next(x_read.shape()), to_weight.next(weight_read.shape()),
                      to_bias.next(weight_read.shape()), dy, x_read, weight_read, mean, rstd);
                });
}

}  // namespace autograd
