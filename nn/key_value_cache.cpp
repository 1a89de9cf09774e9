#include "nn/key_value_cache.h"

#include "autograd/tape.h"
#include "base/error.h"
#include "tensor/memory.h"  // copy_

namespace nn {

using autograd::Var;
using tensor::Tensor;

namespace {

/// Rows [begin, ...) of `to` become those of `from`.
void put(Tensor& to, int64_t begin, const Tensor& from) {
  Tensor rows = to.slice(begin, begin + from.elements() / to.dim(1));
  tensor::copy_(rows, from.reshape(rows.shape()));
}

}  // namespace

KeyValueCache::KeyValueCache(int64_t places, int64_t channels)
    : keys_(Tensor::empty({places, channels})), values_(Tensor::empty({places, channels})) {}

void KeyValueCache::reserve(int64_t more) {
  if (size_ + more <= keys_.dim(0)) return;
  for (Tensor* rows : {&keys_, &values_}) {
    Tensor larger = rows->empty_like({size_ + more, rows->dim(1)});
    put(larger, 0, rows->slice(0, size_));
    *rows = larger;
  }
}

void KeyValueCache::append(const Var& k, const Var& v) {
  if (autograd::Tape::active()) {
    throw base::UsageError(
        "a key/value cache cannot be written while a tape records: no gradient "
        "would come back through it");
  }
  put(keys_, size_, k.value);
  put(values_, size_, v.value);
  size_ += k.value.elements() / keys_.dim(1);
}

}  // namespace nn
