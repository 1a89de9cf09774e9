#include "tensor/cpu/isa.h"
#include "tensor/cpu/isa/simd.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

/// Sixteen sums side by side, then these in the order of a tree, whatever the width of a register.
/// The square of a float is exact in double precision, so all instruction sets agree bitwise.
double sum_of_squares(const float* x, int64_t count) {
  constexpr int kSums = 16;
  double sums[kSums] = {};
  int64_t i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (int j = 0; j < kSums; ++j) {
      const double value = x[i + j];
      sums[j] += value * value;
    }
  }
  for (int j = 0; i < count; ++i, ++j) {
    const double value = x[i];
    sums[j] += value * value;
  }
  for (int width = kSums / 2; width > 0; width /= 2) {
    for (int j = 0; j < width; ++j) sums[j] += sums[j + width];
  }
  return sums[0];
}

}  // namespace

constinit const ReduceLoops reduce_loops{.sum_of_squares = sum_of_squares};

}  // namespace tensor::cpu::BLIP_ISA
