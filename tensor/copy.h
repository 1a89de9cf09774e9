// Moving elements: between types, and rows from place to place.
#pragma once

#include <span>

#include "tensor/tensor.h"

namespace tensor {

/// to = from, converted; both of one shape, each f32, f16, bf16 or f64. Rounds to nearest even.
void cast_forward(Tensor& to, const Tensor& from);
/// to[i] = from[rows[i]]; first axes: to has rows.size(), from any; the other axes and the type
/// agree. `to` and `from` must not overlap.
void gather_rows_forward(Tensor& to, const Tensor& from, std::span<const int32_t> rows);

/// to[rows[i]] = from[i]: the other direction. from has rows.size() rows, to any; rows differ.
void scatter_rows_forward(Tensor& to, const Tensor& from, std::span<const int32_t> rows);

/// A tensor of f32 with from's values: from itself if it is f32 already.
Tensor to_f32(const Tensor& from);

struct CopyKernels {
  decltype(&tensor::cast_forward) cast_forward;
  decltype(&tensor::gather_rows_forward) gather_rows_forward;
  decltype(&tensor::scatter_rows_forward) scatter_rows_forward;
};
namespace cpu {
extern const CopyKernels copy;
}

}  // namespace tensor
