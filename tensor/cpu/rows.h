// Rows of floats on their way into a gradient.
#pragma once

#include "tensor/gradient.h"

namespace tensor::cpu {

/// The elements of a gradient, to be written; null if it is not wanted.
inline float* elements_of(const Gradient& gradient) {
  Tensor sum = gradient.sum;
  return sum.defined() ? sum.data<float>() : nullptr;
}

/// to = from, or to += from where `add`.
void put(float* to, const float* from, int64_t count, bool add);

/// Row rows[i] of `sum` is the sum of those rows i of `from` that say so, in ascending i; rows that
/// none says are zero, or stay as they are where `sum.add`. sum [count, ...], from as many elements
/// a row, rows i32 of any shape.
void sum_rows(const Gradient& sum, const Tensor& from, const Tensor& rows);

}  // namespace tensor::cpu
