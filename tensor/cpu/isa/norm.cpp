#include "tensor/cpu/isa.h"
#include "tensor/cpu/isa/simd.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

void layer_norm_row(float* y, float* mean, float* rstd, const float* x, const float* weight,
                    const float* bias, int64_t channels, float eps) {
  const int64_t whole = channels / kLanes * kLanes, rest = channels - whole;
  Floats total{};
  for (int64_t c = 0; c < whole; c += kLanes) total += load(x + c);
  if (rest) total += load_part(x + whole, rest);
  const float m = sum(total) / static_cast<float>(channels);

  Floats squares{};
  for (int64_t c = 0; c < whole; c += kLanes) {
    const Floats centred = load(x + c) - m;
    squares += centred * centred;
  }
  if (rest) {
    const Floats centred = load_part(x + whole, rest, m) - m;
    squares += centred * centred;
  }
  const float r = 1 / __builtin_sqrtf(sum(squares) / static_cast<float>(channels) + eps);

  for (int64_t c = 0; c < whole; c += kLanes) {
    store(y + c, (load(x + c) - m) * r * load(weight + c) + load(bias + c));
  }
  if (rest) {
    const Floats normal = (load_part(x + whole, rest) - m) * r;
    store_part(y + whole, normal * load_part(weight + whole, rest) + load_part(bias + whole, rest),
               rest);
  }
  *mean = m;
  *rstd = r;
}

}  // namespace

constinit const NormLoops norm_loops{.layer_norm_row = layer_norm_row};

}  // namespace tensor::cpu::BLIP_ISA
