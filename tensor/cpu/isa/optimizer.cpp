#include "tensor/cpu/isa.h"
#include "tensor/cpu/isa/simd.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

/// One register of each of the four.
inline void update(Floats& value, Floats& first, Floats& second, Floats gradient,
                   const AdamwFactors& f) {
  const Floats g = gradient * f.gradient_scale;
  first = multiply_add(g - first, broadcast(1 - f.beta1), first);
  second = multiply_add(multiply_add(g, g, -second), broadcast(1 - f.beta2), second);
  const Floats root = square_root(second) * f.second_scale + f.epsilon;
  value = multiply_add(broadcast(-f.step_size), first / root, value * f.keep);
}

void adamw(float* value, float* first, float* second, const float* gradient, int64_t count,
           const AdamwFactors& factors) {
  const int64_t whole = count / kLanes * kLanes, rest = count - whole;
  for (int64_t i = 0; i < whole; i += kLanes) {
    Floats v = load(value + i), m1 = load(first + i), m2 = load(second + i);
    update(v, m1, m2, load(gradient + i), factors);
    store(value + i, v);
    store(first + i, m1);
    store(second + i, m2);
  }
  if (rest) {
    Floats v = load_part(value + whole, rest), m1 = load_part(first + whole, rest),
           m2 = load_part(second + whole, rest);
    update(v, m1, m2, load_part(gradient + whole, rest), factors);
    store_part(value + whole, v, rest);
    store_part(first + whole, m1, rest);
    store_part(second + whole, m2, rest);
  }
}

}  // namespace

constinit const OptimizerLoops optimizer_loops{.adamw = adamw};

}  // namespace tensor::cpu::BLIP_ISA
