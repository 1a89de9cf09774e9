// Small i32 tensors that say which row, how many, from where: token ids, labels, lengths,
// positions. They are checked once, here, where they are made; operations check their shapes and
// kernels read them as they are.
#pragma once

#include <span>

#include "tensor/tensor.h"

namespace tensor {

/// The label of a row that does not count.
inline constexpr int32_t kIgnoredLabel = -100;

/// i32 of the given shape (default: [values.size()]) in host memory, each 0 <= value < bound; else
/// a UsageError that says `what`, which entry, what was found and what was expected. ShapeError if
/// shape and number of values differ.
Tensor indices(const char* what, std::span<const int32_t> values, int64_t bound);
Tensor indices(const char* what, std::span<const int64_t> values, int64_t bound);
Tensor indices(const char* what, std::span<const int64_t> values, int64_t bound,
               const Shape& shape);

/// Labels i32: each 0 <= label < classes, or kIgnoredLabel.
Tensor labels(const char* what, std::span<const int64_t> values, int64_t classes);

/// Rows of different length in one block: i32 [lengths + 1], the sums 0, l0, l0 + l1, ... Row r of
/// a ragged block [offsets.back(), C] is its rows offsets[r] .. offsets[r + 1].
Tensor row_offsets(std::span<const int32_t> lengths);

/// UsageError or DTypeError `op: what is ..., expected i32 [n]` unless it is one.
void expect_indices(const char* op, const char* what, const Tensor& found, int64_t count);

}  // namespace tensor
