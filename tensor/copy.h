// Moving elements: between types, and rows from place to place.
//
// | operation     | from, to                             | rows                       |
// |---------------|--------------------------------------|----------------------------|
// | cast          | each f32, f16, bf16 or f64           |                            |
// | gather_rows   | of one type, whatever it is          | i32 of `tensor/index.h`    |
// | scatter_rows  | of one type, whatever it is          | i32 of `tensor/index.h`    |
#pragma once

#include "tensor/gradient.h"

namespace tensor {

/// to = from, converted; both of one shape, each f32, f16, bf16 or f64. Rounds to nearest even.
/// There is no cast_backward: gradients are f32 whatever the value's type is, and that of `from` is
/// that of `to`.
void cast_forward(Tensor& to, const Tensor& from);

/// to[i] = from[rows[i]]; rows [n], first axes: to has n, from any; the other axes and the type
/// agree. `to` and `from` must not overlap. Rows are below from's first axis: whoever makes them
/// says so to `indices`, and no operation looks again.
void gather_rows_forward(Tensor& to, const Tensor& from, const Tensor& rows);
/// dfrom[r] = the sum of dto[i] over rows[i] = r, in ascending i; 0 for rows that nobody read.
/// dfrom and dto f32.
void gather_rows_backward(const Gradient& dfrom, const Tensor& dto, const Tensor& rows);

/// to[rows[i]] = from[i]: the other direction. from has n rows, to any; no row stands in `rows`
/// twice, and rows of `to` that do not stand there stay as they are.
void scatter_rows_forward(Tensor& to, const Tensor& from, const Tensor& rows);
/// dfrom[i] = dto[rows[i]], f32: the gradient of what was written. What `to` held before has the
/// gradient dto, but 0 in these rows.
void scatter_rows_backward(const Gradient& dfrom, const Tensor& dto, const Tensor& rows);

/// A tensor of f32 with from's values: from itself if it is f32 already.
Tensor to_f32(const Tensor& from);

struct CopyKernels {
  decltype(&tensor::cast_forward) cast_forward;
  decltype(&tensor::gather_rows_forward) gather_rows_forward;
  decltype(&tensor::gather_rows_backward) gather_rows_backward;
  decltype(&tensor::scatter_rows_forward) scatter_rows_forward;
  decltype(&tensor::scatter_rows_backward) scatter_rows_backward;
};
namespace cpu {
extern const CopyKernels copy;
}

}  // namespace tensor
