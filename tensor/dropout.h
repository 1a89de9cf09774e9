// Dropout (Srivastava et al., JMLR 2014). Which elements are dropped is a function of where they
// are in the training run, not of where they are in memory: of the seed, the step, the module, the
// sample's number in the data, the token and the channel. So the mask is the same for any number of
// threads, for ragged and padded rows, for a batch in one piece or in several, on every device; and
// the way back makes it again instead of keeping it.
//
// | x, y, dy, dx | samples, tokens |
// |--------------|-----------------|
// | f32          | i32             |
#pragma once

#include <string_view>

#include "tensor/gradient.h"

namespace tensor {

/// What is dropped of x [..., C], a row for each place.
struct DropoutMask {
  float probability = 0;  ///< that an element becomes 0, in [0, 1)
  uint64_t key = 0;       ///< of seed, step and module: dropout_key
  Tensor samples{};       ///< [rows]: the sample that a row is of
  Tensor tokens{};        ///< [rows]: the token of its sample that a row is of
};

/// The key of a module (by its path) in a step of a run.
uint64_t dropout_key(uint64_t seed, uint64_t step, std::string_view path);

/// y[r, c] = x[r, c] / (1 - probability), or 0 where dropped: where word c % 4 of
/// philox(counter = (c / 4, tokens[r], samples[r], 0), key) is below probability * 2^32
/// (base/random.h). y may be x.
void dropout_forward(Tensor& y, const Tensor& x, const DropoutMask& mask);
/// dx = dy with the same mask; dx may be dy, unless it is added to.
void dropout_backward(const Gradient& dx, const Tensor& dy, const DropoutMask& mask);

struct DropoutKernels {
  decltype(&tensor::dropout_forward) dropout_forward;
  decltype(&tensor::dropout_backward) dropout_backward;
};
namespace cpu {
extern const DropoutKernels dropout;
}

}  // namespace tensor
