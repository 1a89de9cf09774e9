// What tests share that compare with golden tensors.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace golden {

/// |found - expected| / |expected|, as vectors; infinite for another shape.
inline double relative_error(const tensor::Tensor& found, const tensor::Tensor& expected) {
  if (!found.defined() || found.shape() != expected.shape()) return INFINITY;
  double difference = 0, norm = 0;
  for (int64_t i = 0; i < found.elements(); ++i) {
    const double e = expected.span<float>()[static_cast<std::size_t>(i)];
    const double d = found.span<float>()[static_cast<std::size_t>(i)] - e;
    difference += d * d;
    norm += e * e;
  }
  return norm == 0 ? (difference == 0 ? 0 : INFINITY) : std::sqrt(difference / norm);
}

/// Rows of an i64 [B, T] array that its mask leaves.
inline std::vector<std::vector<int64_t>> rows_of(const tensor::Tensor& ids,
                                                 const tensor::Tensor& mask) {
  std::vector<std::vector<int64_t>> rows;
  for (int64_t r = 0; r < ids.dim(0); ++r) {
    rows.emplace_back();
    for (int64_t i = r * ids.dim(1); i < (r + 1) * ids.dim(1); ++i) {
      if (mask.data<int64_t>()[i]) rows.back().push_back(ids.data<int64_t>()[i]);
    }
  }
  return rows;
}

}  // namespace golden
