#include "nn/key_value_cache.h"

#include "autograd/tape.h"
#include "base/error.h"
#include "tensor/copy.h"  // gather_rows_forward, scatter_rows_forward

namespace nn {

using autograd::Var;
using tensor::Tensor;

KeyValueCache::KeyValueCache(int64_t rows, int64_t capacity, int64_t channels)
    : keys_(Tensor::empty({rows, capacity, channels})),
      values_(Tensor::empty({rows, capacity, channels})) {}

void KeyValueCache::write(const Var& k, const Var& v, const Tensor& places) {
  if (autograd::Tape::active()) {
    throw base::UsageError(
        "a key/value cache cannot be written while a tape records: no gradient "
        "would come back through it");
  }
  const int64_t channels = keys_.dim(2);
  Tensor keys = keys_.reshape({keys_.dim(0) * capacity(), channels});
  Tensor values = values_.reshape(keys.shape());
  tensor::scatter_rows_forward(keys, k.value.reshape({places.elements(), channels}), places);
  tensor::scatter_rows_forward(values, v.value.reshape({places.elements(), channels}), places);
}

void KeyValueCache::reorder(const Tensor& parents) {
  const tensor::Shape shape{parents.elements(), capacity(), keys_.dim(2)};
  Tensor keys = Tensor::empty(shape), values = Tensor::empty(shape);
  tensor::gather_rows_forward(keys, keys_, parents);
  tensor::gather_rows_forward(values, values_, parents);
  keys_ = keys;
  values_ = values;
}

}  // namespace nn
