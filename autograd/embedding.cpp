#include "autograd/embedding.h"

#include <algorithm>

#include "autograd/tape.h"
#include "tensor/backend.h"

namespace autograd {

using tensor::Shape;
using tensor::Tensor;

Var embedding(const Var& table, const Tensor& ids) {
  constexpr const char* kOp = "embedding";
  const bool recorded =
      records(kOp, table.value, tensor::backend(table.value).embedding.embedding_backward, table);
  std::array<int64_t, 8> dims{};
  const auto rank = static_cast<std::size_t>(ids.rank());
  if (rank + 1 > dims.size()) {
    throw base::ShapeError(base::str("embedding: ids are ", ids.shape().str(), ": too many axes"));
  }
  std::copy(ids.shape().begin(), ids.shape().end(), dims.begin());
  dims[rank] = table.dim(-1);
  Tensor y = table.value.empty_like(Shape(std::span<const int64_t>(dims.data(), rank + 1)),
                                    tensor::DType::f32);
  tensor::embedding_forward(y, table.value, ids);
  if (!recorded) return Var(y);
  return record(kOp, y, [slot = table.gradient, shape = table.shape(), ids](const Tensor& dy) {
    tensor::embedding_backward(slot.next(shape), dy, ids);
  });
}

}  // namespace autograd
