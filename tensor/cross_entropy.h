// Cross entropy between logits and labels.
//
// | logits | labels | nll, smooth |
// |--------|--------|-------------|
// | f32    | i32    | f32         |
#pragma once

#include "tensor/index.h"  // kIgnoredLabel
#include "tensor/tensor.h"

namespace tensor {

/// nll[r] = -log softmax(logits[r])[labels[r]];
/// smooth[r] = mean over v of -log softmax(logits[r])[v], the second term of label smoothing (loss
/// = (1 - e) nll + e smooth; Szegedy et al., 2016), or undefined: not wanted. logits [rows, V],
/// labels (of `tensor/index.h`), nll and smooth [rows]. A row whose label is
/// kIgnoredLabel has 0 in both.
void cross_entropy_forward(Tensor& nll, Tensor& smooth, const Tensor& logits, const Tensor& labels);

struct CrossEntropyKernels {
  decltype(&tensor::cross_entropy_forward) cross_entropy_forward;
};
namespace cpu {
extern const CrossEntropyKernels cross_entropy;
}

}  // namespace tensor
