#include <cstring>

#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/rows.h"

namespace tensor::cpu {
namespace {

template <class T>
void copy_row(float* to, const T* from, int64_t channels) {
  for (int64_t c = 0; c < channels; ++c) to[c] = to_float(from[c]);
}
template <>
void copy_row(float* to, const float* from, int64_t channels) {
  std::memcpy(to, from, static_cast<std::size_t>(channels) * sizeof(float));
}

template <class T>
void look_up(float* y, const T* table, const int32_t* ids, int64_t rows, int64_t channels) {
  base::parallel_for(rows, 64, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      copy_row(y + r * channels, table + int64_t{ids[r]} * channels, channels);
    }
  });
}

void embedding_forward(Tensor& y, const Tensor& table, const Tensor& ids) {
  const int64_t channels = table.dim(1), rows = ids.elements();
  float* to = y.data<float>();
  const int32_t* which = ids.data<int32_t>();
  if (table.dtype() == DType::f32) {
    look_up(to, table.data<float>(), which, rows, channels);
  } else if (table.dtype() == DType::f16) {
    look_up(to, table.data<Half>(), which, rows, channels);
  } else {
    look_up(to, table.data<BFloat16>(), which, rows, channels);
  }
}

void embedding_backward(const Gradient& dtable, const Tensor& dy, const Tensor& ids) {
  sum_rows(dtable, dy, ids);
}

}  // namespace

constinit const EmbeddingKernels embedding{.embedding_forward = embedding_forward,
                                           .embedding_backward = embedding_backward};

}  // namespace tensor::cpu
