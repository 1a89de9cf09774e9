// Learning rates over a training run.
#pragma once

#include <cstdint>

namespace nn {

enum class Decay { constant, linear, cosine };

/// Rises in a line to `peak` over the first steps, then falls to 0 at the end, or stays.
struct Schedule {
  float peak = 1e-4f;
  Decay decay = Decay::cosine;
  int64_t warmup_steps = 0;
  int64_t total_steps = 1;

  /// The rate of a step, the first of which is 1: peak * step / warmup_steps while it rises (so the
  /// first is not 0); then, with t of 0 at the first step behind and 1 at total_steps + 1,
  /// peak * (1 - t) or peak * (1 + cos(pi t)) / 2 (Loshchilov and Hutter, "SGDR", ICLR 2017).
  float rate(int64_t step) const;
};

}  // namespace nn
