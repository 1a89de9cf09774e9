// Tensors of single pictures to one tensor of a batch.
#pragma once

#include <span>

#include "tensor/tensor.h"

namespace blip {

/// [n, ...] of n tensors [1, ...] of one shape and type (ShapeError, DTypeError).
tensor::Tensor stack(std::span<const tensor::Tensor> parts);

}  // namespace blip
