// Moving elements: between types, and rows from place to place.
//
// | operation     | from, to                             | rows                       |
// |---------------|--------------------------------------|----------------------------|
// | cast          | each f32, f16, bf16 or f64           |                            |
// | gather_rows   | of one type, whatever it is          | i32 of `tensor/index.h`    |
// | scatter_rows  | of one type, whatever it is          | i32 of `tensor/index.h`    |
#pragma once

#include "tensor/tensor.h"

namespace tensor {

/// to = from, converted; both of one shape, each f32, f16, bf16 or f64. Rounds to nearest even.
void cast_forward(Tensor& to, const Tensor& from);

/// to[i] = from[rows[i]]; rows [n], first axes: to has n, from any; the other axes and the type
/// agree. `to` and `from` must not overlap. Rows are below from's first axis: whoever makes them
/// says so to `indices`, and no operation looks again.
void gather_rows_forward(Tensor& to, const Tensor& from, const Tensor& rows);

/// to[rows[i]] = from[i]: the other direction. from has n rows, to any; no row stands in `rows`
/// twice, and rows of `to` that do not stand there stay as they are.
void scatter_rows_forward(Tensor& to, const Tensor& from, const Tensor& rows);

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
