#include "nn/attention.h"

#include <vector>

#include "tensor/copy.h"   // gather_rows_forward, scatter_rows_forward
#include "tensor/index.h"  // indices

namespace nn {

using tensor::Tensor;

KeyValueCache::KeyValueCache(int64_t rows, int64_t capacity, int64_t channels)
    : keys_(Tensor::empty({rows, capacity, channels})),
      values_(Tensor::empty({rows, capacity, channels})) {}

void KeyValueCache::write(const Var& k, const Var& v, std::span<const int32_t> starts) {
  const int64_t rows = k.dim(0), length = k.dim(1), channels = k.dim(2);
  std::vector<int64_t> numbers;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t t = 0; t < length; ++t) {
      numbers.push_back(r * capacity() + starts[static_cast<std::size_t>(r)] + t);
    }
  }
  const Tensor places = tensor::indices("cache place", numbers, keys_.dim(0) * capacity());
  Tensor keys = keys_.reshape({keys_.dim(0) * capacity(), channels});
  Tensor values = values_.reshape(keys.shape());
  tensor::scatter_rows_forward(keys, k.value.reshape({rows * length, channels}), places);
  tensor::scatter_rows_forward(values, v.value.reshape({rows * length, channels}), places);
}

void KeyValueCache::reorder(std::span<const int32_t> parents) {
  const tensor::Shape shape{static_cast<int64_t>(parents.size()), capacity(), keys_.dim(2)};
  Tensor keys = Tensor::empty(shape), values = Tensor::empty(shape);
  const Tensor rows = tensor::indices("parents", parents, keys_.dim(0));
  tensor::gather_rows_forward(keys, keys_, rows);
  tensor::gather_rows_forward(values, values_, rows);
  keys_ = keys;
  values_ = values;
}

}  // namespace nn
