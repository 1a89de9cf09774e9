// Table lookup.
//
// | table          | ids | y   |
// |----------------|-----|-----|
// | f32, f16, bf16 | i32 | f32 |
#pragma once

#include "tensor/tensor.h"

namespace tensor {

/// y[r] = table[ids[r]]; table [V, C], ids [rows] or any shape of as many elements, y [..., C] with
/// as many rows. Ids are those of `tensor/index.h`: below V, which is checked where they are made.
void embedding_forward(Tensor& y, const Tensor& table, const Tensor& ids);

struct EmbeddingKernels {
  decltype(&tensor::embedding_forward) embedding_forward;
};
namespace cpu {
extern const EmbeddingKernels embedding;
}

}  // namespace tensor
