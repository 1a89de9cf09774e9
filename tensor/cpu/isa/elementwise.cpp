#include "tensor/cpu/isa.h"
#include "tensor/cpu/isa/math.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

void add(float* y, const float* a, const float* b, int64_t count) {
  const int64_t whole = count / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) store(y + i, load(a + i) + load(b + i));
  for (int64_t i = whole; i < count; ++i) y[i] = a[i] + b[i];
}

void gelu_all(float* y, const float* x, int64_t count) {
  const int64_t whole = count / kLanes * kLanes, rest = count - whole;
  for (int64_t i = 0; i < whole; i += kLanes) store(y + i, gelu(load(x + i)));
  if (rest) store_part(y + whole, gelu(load_part(x + whole, rest)), rest);
}

}  // namespace

constinit const ElementwiseLoops elementwise_loops{.add = add, .gelu = gelu_all};

}  // namespace tensor::cpu::BLIP_ISA
