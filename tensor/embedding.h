// Table lookup. dtable and dy are f32.
//
// | table          | ids | y   |
// |----------------|-----|-----|
// | f32, f16, bf16 | i32 | f32 |
#pragma once

#include "tensor/gradient.h"

namespace tensor {

/// y[r] = table[ids[r]]; table [V, C], ids [rows] or any shape of as many elements, y [..., C] with
/// as many rows. Ids are those of `tensor/index.h`: below V, which is checked where they are made.
void embedding_forward(Tensor& y, const Tensor& table, const Tensor& ids);
/// dtable[v] = the sum of dy[r] over ids[r] = v, in ascending r; 0 for entries that nobody looked
/// up. dtable [V, C], dy [..., C].
void embedding_backward(const Gradient& dtable, const Tensor& dy, const Tensor& ids);

struct EmbeddingKernels {
  decltype(&tensor::embedding_forward) embedding_forward;
  decltype(&tensor::embedding_backward) embedding_backward;
};
namespace cpu {
extern const EmbeddingKernels embedding;
}

}  // namespace tensor
