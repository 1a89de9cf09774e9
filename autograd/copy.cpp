#include "autograd/copy.h"

#include <algorithm>

#include "autograd/tape.h"
#include "tensor/backend.h"

namespace autograd {

using tensor::Shape;
using tensor::Tensor;

Var gather_rows(const Var& from, const Tensor& rows) {
  const bool recorded = records("gather_rows", from.value,
                                tensor::backend(from.value).copy.gather_rows_backward, from);
  std::array<int64_t, 8> dims{};
  std::copy(from.shape().begin(), from.shape().end(), dims.begin());
  dims[0] = rows.elements();
  Tensor to = from.value.empty_like(
      Shape(std::span<const int64_t>(dims.data(), static_cast<std::size_t>(from.value.rank()))));
  tensor::gather_rows_forward(to, from.value, rows);
  if (!recorded) return Var(to);
  return record("gather_rows", to,
                [slot = from.gradient, shape = from.shape(), rows](const Tensor& dy) {
                  tensor::gather_rows_backward(slot.next(shape), dy, rows);
                });
}

}  // namespace autograd
