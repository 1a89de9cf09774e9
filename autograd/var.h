// Var: a value in a computation. This floor holds the functions that return values: each allocates
// its result, calls the tensor operation, and is the place where a tape records how to go back. No
// tape exists yet, so a Var is its tensor and nothing is recorded: inference is training without a
// tape.
#pragma once

#include <utility>

#include "tensor/tensor.h"

namespace autograd {

struct Var {
  tensor::Tensor value;

  Var() = default;
  Var(tensor::Tensor tensor) : value(std::move(tensor)) {}  // NOLINT: a tensor is a value

  bool defined() const { return value.defined(); }
  const tensor::Shape& shape() const { return value.shape(); }
  int64_t dim(int i) const { return value.dim(i); }
  /// The same elements under another shape.
  Var reshape(const tensor::Shape& shape) const { return value.reshape(shape); }
};

}  // namespace autograd
