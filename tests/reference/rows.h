// The twins of the row operations of tensor/copy.h and of tensor/embedding.h, on rows of `width`
// values.
#pragma once

#include "tests/reference/gradient.h"

namespace reference {

using Rows = std::vector<int32_t>;

/// to[i] = from[rows[i]]. Also scatter_rows_backward.
inline Values gather_rows(const Values& from, const Rows& rows, std::size_t width) {
  Values to;
  for (const int32_t row : rows) {
    const auto first = from.begin() + row * static_cast<std::ptrdiff_t>(width);
    to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(width));
  }
  return to;
}

/// The backward of gather_rows and of a table lookup, with `count` rows in what was read.
inline Values sum_rows(const Values& dto, const Rows& rows, std::size_t count, std::size_t width) {
  Values dfrom(count * width, 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t c = 0; c < width; ++c) {
      dfrom[static_cast<std::size_t>(rows[i]) * width + c] += dto[i * width + c];
    }
  }
  return dfrom;
}

}  // namespace reference
