#include "tensor/optimizer.h"

#include "tensor/backend.h"

namespace tensor {

void adamw_step(std::span<AdamwTensor> tensors, const AdamwStep& step) {
  constexpr const char* kOp = "adamw_step";
  if (step.step < 1) {
    throw base::UsageError(base::str(kOp, ": step is ", step.step, ", expected 1 or more"));
  }
  const Backend* on = nullptr;
  for (const AdamwTensor& tensor : tensors) {
    if (!tensor.gradient.defined()) continue;
    const Shape& shape = tensor.value.shape();
    expect_f32(kOp, "value", tensor.value, shape);
    expect_f32(kOp, "gradient", tensor.gradient, shape);
    expect_f32(kOp, "first", tensor.first, shape);
    expect_f32(kOp, "second", tensor.second, shape);
    const Backend& here = backend(kOp, {{"value", tensor.value},
                                        {"gradient", tensor.gradient},
                                        {"first", tensor.first},
                                        {"second", tensor.second}});
    if (on && on != &here) {
      throw base::DeviceError(base::str(kOp, ": tensors are on ", on->name, " and on ", here.name));
    }
    on = &here;
  }
  if (on) on->kernel(kOp, on->optimizer.adamw_step)(tensors, step);
}

}  // namespace tensor
