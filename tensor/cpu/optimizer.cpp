#include <cmath>

#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/isa.h"

namespace tensor::cpu {
namespace {

constexpr int64_t kGrain = 16384;

void adamw_step(std::span<AdamwTensor> tensors, const AdamwStep& step) {
  const auto t = static_cast<double>(step.step);
  const double correction1 = 1 - std::pow(double{step.beta1}, t);
  const double correction2 = 1 - std::pow(double{step.beta2}, t);
  const auto update = isa().optimizer.adamw;
  for (AdamwTensor& tensor : tensors) {
    if (!tensor.gradient.defined()) continue;
    const AdamwFactors factors{
        .beta1 = step.beta1,
        .beta2 = step.beta2,
        .gradient_scale = step.gradient_scale,
        .keep = static_cast<float>(1 - double{step.learning_rate} * double{tensor.weight_decay}),
        .step_size = static_cast<float>(double{step.learning_rate} / correction1),
        .second_scale = static_cast<float>(1 / std::sqrt(correction2)),
        .epsilon = step.epsilon};
    float* const value = tensor.value.data<float>();
    float* const first = tensor.first.data<float>();
    float* const second = tensor.second.data<float>();
    const Tensor& gradients = tensor.gradient;
    const float* const gradient = gradients.data<float>();
    base::parallel_for(tensor.value.elements(), kGrain, [&](int64_t begin, int64_t end) {
      update(value + begin, first + begin, second + begin, gradient + begin, end - begin, factors);
    });
  }
}

}  // namespace

constinit const OptimizerKernels optimizer{.adamw_step = adamw_step};

}  // namespace tensor::cpu
