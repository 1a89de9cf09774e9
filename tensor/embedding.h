// Table lookup.
//
// | table          | ids | y   |
// |----------------|-----|-----|
// | f32, f16, bf16 | i64 | f32 |
#pragma once

#include "tensor/tensor.h"

namespace tensor {

/// y[r] = table[ids[r]]; table [V, C], ids [rows] or any shape of as many elements, y [..., C] with
/// as many rows. An id outside 0 .. V-1 is a UsageError.
void embedding_forward(Tensor& y, const Tensor& table, const Tensor& ids);

struct EmbeddingKernels {
  decltype(&tensor::embedding_forward) embedding_forward;
};
namespace cpu {
extern const EmbeddingKernels embedding;
}

}  // namespace tensor
