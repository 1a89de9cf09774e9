// Cross entropy between logits and labels.
//
// | logits, dlogits | labels | nll, smooth, logsumexp, dnll, dsmooth |
// |-----------------|--------|---------------------------------------|
// | f32             | i32    | f32                                   |
#pragma once

#include "tensor/gradient.h"
#include "tensor/index.h"  // kIgnoredLabel

namespace tensor {

/// nll[r] = -log softmax(logits[r])[labels[r]];
/// smooth[r] = mean over v of -log softmax(logits[r])[v], the second term of label smoothing (loss
/// = (1 - e) nll + e smooth; Szegedy et al., 2016);
/// logsumexp[r] = log sum over v of exp(logits[r, v]), what a backward pass reads.
/// smooth and logsumexp may be undefined: not wanted. logits [rows, V], labels (of
/// `tensor/index.h`) and the others [rows]. A row whose label is kIgnoredLabel has 0 in all three.
void cross_entropy_forward(Tensor& nll, Tensor& smooth, Tensor& logsumexp, const Tensor& logits,
                           const Tensor& labels);
/// dlogits[r, v] = dnll[r] (p - [v = labels[r]]) + dsmooth[r] (p - 1 / V), p = exp(logits[r, v] -
/// logsumexp[r]); 0 where the label is kIgnoredLabel. dnll or dsmooth may be undefined: a gradient
/// of zero. Captions, REINFORCE (dnll[r] is a token's advantage) and label smoothing differ in them
/// alone. dlogits may be logits, unless it is added to: a UsageError.
void cross_entropy_backward(const Gradient& dlogits, const Tensor& dnll, const Tensor& dsmooth,
                            const Tensor& logits, const Tensor& labels, const Tensor& logsumexp);

struct CrossEntropyKernels {
  decltype(&tensor::cross_entropy_forward) cross_entropy_forward;
  decltype(&tensor::cross_entropy_backward) cross_entropy_backward;
};
namespace cpu {
extern const CrossEntropyKernels cross_entropy;
}

}  // namespace tensor
