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

}  // namespace tensor
