#include "nn/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace nn {

float Schedule::rate(int64_t step) const {
  if (step <= warmup_steps) {
    return peak * static_cast<float>(static_cast<double>(step) / static_cast<double>(warmup_steps));
  }
  const auto falling = static_cast<double>(std::max<int64_t>(1, total_steps - warmup_steps));
  const double t = std::min(1.0, static_cast<double>(step - 1 - warmup_steps) / falling);
  double factor = 1;
  if (decay == Decay::linear) factor = 1 - t;
  if (decay == Decay::cosine) factor = (1 + std::cos(std::numbers::pi * t)) / 2;
  return static_cast<float>(double{peak} * factor);
}

}  // namespace nn
