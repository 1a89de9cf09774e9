#include "tensor/cpu/isa.h"
#include "tensor/cpu/isa/math.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

void add(float* y, const float* a, const float* b, int64_t count) {
  const int64_t whole = count / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) store(y + i, load(a + i) + load(b + i));
  for (int64_t i = whole; i < count; ++i) y[i] = a[i] + b[i];
}

void scale(float* y, const float* x, float factor, int64_t count, bool to_add) {
  const Floats factors = broadcast(factor);
  const int64_t whole = count / kLanes * kLanes, rest = count - whole;
  for (int64_t i = 0; i < whole; i += kLanes) {
    const Floats before = to_add ? load(y + i) : Floats{};
    store(y + i, multiply_add(load(x + i), factors, before));
  }
  if (rest) {
    const Floats before = to_add ? load_part(y + whole, rest) : Floats{};
    store_part(y + whole, multiply_add(load_part(x + whole, rest), factors, before), rest);
  }
}

/// y = f(x), register by register.
template <class F>
void map(float* y, const float* x, int64_t count, F f) {
  const int64_t whole = count / kLanes * kLanes, rest = count - whole;
  for (int64_t i = 0; i < whole; i += kLanes) store(y + i, f(load(x + i)));
  if (rest) store_part(y + whole, f(load_part(x + whole, rest)), rest);
}

/// dx = dy * slope(x), or += where `add`.
template <class F>
void map_backward(float* dx, const float* dy, const float* x, int64_t count, bool add, F slope) {
  const int64_t whole = count / kLanes * kLanes, rest = count - whole;
  for (int64_t i = 0; i < whole; i += kLanes) {
    const Floats before = add ? load(dx + i) : Floats{};
    store(dx + i, multiply_add(load(dy + i), slope(load(x + i)), before));
  }
  if (rest) {
    const Floats before = add ? load_part(dx + whole, rest) : Floats{};
    const Floats factor = slope(load_part(x + whole, rest));
    store_part(dx + whole, multiply_add(load_part(dy + whole, rest), factor, before), rest);
  }
}

void activate(float* y, const float* x, int64_t count, Activation activation) {
  switch (activation) {
    case Activation::none:
      return map(y, x, count, [](Floats value) { return value; });
    case Activation::gelu:
      return map(y, x, count, [](Floats value) { return gelu(value); });
    case Activation::gelu_tanh:
      return map(y, x, count, [](Floats value) { return gelu_tanh(value); });
    case Activation::gelu_quick:
      return map(y, x, count, [](Floats value) { return gelu_quick(value); });
  }
}

void activate_backward(float* dx, const float* dy, const float* x, int64_t count,
                       Activation activation, bool add) {
  switch (activation) {
    case Activation::none:
      return map_backward(dx, dy, x, count, add, [](Floats) { return broadcast(1); });
    case Activation::gelu:
      return map_backward(dx, dy, x, count, add, [](Floats value) { return gelu_slope(value); });
    case Activation::gelu_tanh:
      return map_backward(dx, dy, x, count, add,
                          [](Floats value) { return gelu_tanh_slope(value); });
    case Activation::gelu_quick:
      return map_backward(dx, dy, x, count, add,
                          [](Floats value) { return gelu_quick_slope(value); });
  }
}

}  // namespace

constinit const ElementwiseLoops elementwise_loops{
    .add = add, .scale = scale, .activation = activate, .activation_backward = activate_backward};

}  // namespace tensor::cpu::BLIP_ISA
