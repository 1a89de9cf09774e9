#include "autograd/matmul.h"

#include <algorithm>

namespace autograd {

using tensor::Shape;
using tensor::Tensor;

Var linear(const Var& x, const tensor::MatmulWeight& weight, const Var& bias,
           tensor::Activation activation, const Var& residual) {
  if (!weight.defined()) throw base::ShapeError("linear: the weight was never filled");
  if (x.value.rank() == 0 || x.dim(-1) != weight.inputs()) {
    throw base::ShapeError(base::str("linear: x is ", x.shape().str(), ", expected [..., ",
                                     weight.inputs(), "] for a weight ",
                                     weight.source().shape().str()));
  }
  std::array<int64_t, 8> dims{};
  std::copy(x.shape().begin(), x.shape().end(), dims.begin());
  const auto rank = static_cast<std::size_t>(x.shape().rank());
  dims[rank - 1] = weight.outputs();
  const Shape shape(std::span<const int64_t>(dims.data(), rank));
  const int64_t rows = shape.elements() / std::max<int64_t>(1, weight.outputs());

  const Shape matrix{rows, weight.outputs()};
  Tensor y = Tensor::empty(matrix);
  tensor::MatmulEpilogue epilogue{.bias = bias.value, .activation = activation, .residual = {}};
  if (residual.defined()) epilogue.residual = residual.value.reshape(matrix);
  tensor::matmul_forward(y, x.value.reshape({rows, weight.inputs()}), weight, epilogue);
  return y.reshape(shape);
}

}  // namespace autograd
