// Where a backward operation leaves a gradient.
#pragma once

#include "tensor/tensor.h"

namespace tensor {

/// An f32 tensor that a backward operation fills, and how. `sum` undefined means that nobody wants
/// this gradient: what it belongs to is frozen, and no work is done for it. Otherwise every element
/// of `sum` is set (`add` false: its content was never set and is not read) or added to.
struct Gradient {
  Tensor sum{};
  bool add = false;

  bool wanted() const { return sum.defined(); }
};

/// expect_f32 of a gradient that is wanted.
inline void expect_gradient(const char* op, const char* what, const Gradient& found,
                            const Shape& expected) {
  if (found.wanted()) expect_f32(op, what, found.sum, expected);
}

}  // namespace tensor
