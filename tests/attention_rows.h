// What the tests of attention, forward and backward, share.
#pragma once

#include <cstring>
#include <vector>

#include "tensor/attention.h"

namespace attention_rows {

/// Rows of a tensor [sequences, rows, channels], or of a ragged one [tokens, channels].
inline tensor::HeadRows all_of(const tensor::Tensor& rows) {
  return {.tensor = rows,
          .offset = 0,
          .row_stride = rows.dim(-1),
          .sequence_stride = rows.rank() == 3 ? rows.dim(1) * rows.dim(2) : 0};
}

/// Entries of an index tensor, whatever they are.
inline tensor::Tensor numbers(const std::vector<int32_t>& values) {
  return tensor::Tensor::from({static_cast<int64_t>(values.size())}, values);
}

inline bool same_bits(const float* a, const float* b, int64_t count) {
  return std::memcmp(a, b, static_cast<std::size_t>(count) * sizeof(float)) == 0;
}
inline bool same_bits(const tensor::Tensor& a, const tensor::Tensor& b) {
  return a.shape() == b.shape() && same_bits(a.data<float>(), b.data<float>(), a.elements());
}

/// A tensor full of one number.
inline tensor::Tensor filled(const tensor::Shape& shape, float value) {
  tensor::Tensor result = tensor::Tensor::empty(shape);
  float* to = result.data<float>();
  for (int64_t i = 0; i < result.elements(); ++i) to[i] = value;
  return result;
}

}  // namespace attention_rows
