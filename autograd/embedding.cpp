#include "autograd/embedding.h"

#include <algorithm>

#include "tensor/embedding.h"

namespace autograd {

Var embedding(const Var& table, const tensor::Tensor& ids) {
  std::array<int64_t, 8> dims{};
  const auto rank = static_cast<std::size_t>(ids.rank());
  if (rank + 1 > dims.size()) {
    throw base::ShapeError(base::str("embedding: ids are ", ids.shape().str(), ": too many axes"));
  }
  std::copy(ids.shape().begin(), ids.shape().end(), dims.begin());
  dims[rank] = table.dim(-1);
  tensor::Tensor y =
      tensor::Tensor::empty(tensor::Shape(std::span<const int64_t>(dims.data(), rank + 1)));
  tensor::embedding_forward(y, table.value, ids);
  return y;
}

}  // namespace autograd
