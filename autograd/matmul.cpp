#include "autograd/matmul.h"

#include <algorithm>

#include "autograd/tape.h"
#include "tensor/backend.h"

namespace autograd {

using tensor::Activation;
using tensor::Shape;
using tensor::Tensor;

namespace {

constexpr const char* kOp = "linear";

/// The step of `linear`, and what it keeps: x only if weight or bias want a gradient, what went
/// into an activation only if there is one.
struct LinearStep {
  GradientSlot to_x, to_weight, to_bias, to_residual;
  Shape weight_shape, bias_shape, matrix;  // matrix: of the result, [rows, N]
  std::shared_ptr<const tensor::MatmulWeight> weight;
  Saved weight_values, x;
  Tensor pre_activation;
  Activation activation;

  void operator()(const Tensor& dy_of_result) const {
    const Tensor dy = dy_of_result.reshape(matrix);
    weight_values.read();
    Tensor inner = dy;  // the gradient before the activation
    if (activation != Activation::none) {
      inner = dy.empty_like(matrix);
      tensor::activation_backward({.sum = inner}, dy, pre_activation, activation);
    }
    const Shape rows{matrix[0], weight->inputs()};
    if (to_x.wanted()) tensor::matmul_backward_input(to_x.next(rows), inner, *weight);
    if (to_weight.wanted() || to_bias.wanted()) {
      tensor::matmul_backward_weight(to_weight.next(weight_shape), to_bias.next(bias_shape), inner,
                                     x.read().reshape(rows));
    }
    to_residual.hand_over(dy);
  }
};

}  // namespace

Var linear(const Var& x, const Parameter& weight, const Var& bias, Activation activation,
           const Var& residual) {
  if (!weight.defined()) throw base::ShapeError("linear: the weight was never filled");
  const auto& panels = weight.weight();
  if (x.value.rank() == 0 || x.dim(-1) != panels->inputs()) {
    throw base::ShapeError(base::str("linear: x is ", x.shape().str(), ", expected [..., ",
                                     panels->inputs(), "] for a weight ",
                                     weight.value().shape().str()));
  }
  const Var w = weight.var();
  const bool recorded = records(kOp, x.value, tensor::backend(x.value).matmul.matmul_backward_input,
                                x, w, bias, residual);

  std::array<int64_t, 8> dims{};
  std::copy(x.shape().begin(), x.shape().end(), dims.begin());
  const auto rank = static_cast<std::size_t>(x.shape().rank());
  dims[rank - 1] = panels->outputs();
  const Shape shape(std::span<const int64_t>(dims.data(), rank));
  const Shape matrix{shape.elements() / std::max<int64_t>(1, panels->outputs()), panels->outputs()};

  Tensor y = x.value.empty_like(matrix);
  tensor::MatmulEpilogue epilogue{.bias = bias.value, .activation = activation};
  if (residual.defined()) epilogue.residual = residual.value.reshape(matrix);
  if (recorded && activation != Activation::none) epilogue.pre_activation = y.empty_like(matrix);
  tensor::matmul_forward(y, x.value.reshape({matrix[0], panels->inputs()}), *panels, epilogue);
  if (!recorded) return Var(y.reshape(shape));
  return record(kOp, y.reshape(shape),
                LinearStep{.to_x = x.gradient,
                           .to_weight = w.gradient,
                           .to_bias = bias.gradient,
                           .to_residual = residual.gradient,
                           .weight_shape = w.shape(),
                           .bias_shape = {panels->outputs()},
                           .matrix = matrix,
                           .weight = panels,
                           .weight_values = Saved(kOp, w.value),
                           .x = Saved(kOp, w.wanted() || bias.wanted() ? x.value : Tensor()),
                           .pre_activation = epilogue.pre_activation,
                           .activation = activation});
}

}  // namespace autograd
