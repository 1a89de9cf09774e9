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

/// dw += dy h, db += dy; each may be null.
void add_parameters(float* dw, float* db, const float* dy, const float* x, float mean, float rstd,
                    int64_t channels) {
  const int64_t whole = channels / kLanes * kLanes, rest = channels - whole;
  if (dw) {
    for (int64_t c = 0; c < whole; c += kLanes) {
      const Floats normal = (load(x + c) - mean) * rstd;
      store(dw + c, multiply_add(load(dy + c), normal, load(dw + c)));
    }
    if (rest) {
      const Floats normal = (load_part(x + whole, rest) - mean) * rstd;
      const Floats sums = load_part(dw + whole, rest);
      store_part(dw + whole, multiply_add(load_part(dy + whole, rest), normal, sums), rest);
    }
  }
  if (db) {
    for (int64_t c = 0; c < whole; c += kLanes) store(db + c, load(db + c) + load(dy + c));
    for (int64_t c = whole; c < channels; ++c) db[c] += dy[c];
  }
}

void layer_norm_backward_row(float* dx, float* dw, float* db, const float* dy, const float* x,
                             const float* weight, float mean, float rstd, int64_t channels,
                             bool add) {
  add_parameters(dw, db, dy, x, mean, rstd, channels);  // first: dx may be dy
  if (!dx) return;
  const int64_t whole = channels / kLanes * kLanes, rest = channels - whole;
  Floats total{}, total_normal{};  // of g = dy weight, and of g times the normal values
  for (int64_t c = 0; c < whole; c += kLanes) {
    const Floats g = load(dy + c) * load(weight + c);
    total += g;
    total_normal = multiply_add(g, (load(x + c) - mean) * rstd, total_normal);
  }
  if (rest) {
    const Floats g = load_part(dy + whole, rest) * load_part(weight + whole, rest);
    total += g;
    total_normal = multiply_add(g, (load_part(x + whole, rest, mean) - mean) * rstd, total_normal);
  }
  const float mean_g = sum(total) / static_cast<float>(channels);
  const float mean_g_normal = sum(total_normal) / static_cast<float>(channels);
  const auto gradient = [&](Floats dy_part, Floats weight_part, Floats x_part) {
    const Floats normal = (x_part - mean) * rstd;
    const Floats centred = dy_part * weight_part - mean_g;
    return multiply_add(normal, broadcast(-mean_g_normal), centred) * rstd;
  };
  for (int64_t c = 0; c < whole; c += kLanes) {
    const Floats value = gradient(load(dy + c), load(weight + c), load(x + c));
    store(dx + c, add ? load(dx + c) + value : value);
  }
  if (rest) {
    const Floats value = gradient(load_part(dy + whole, rest), load_part(weight + whole, rest),
                                  load_part(x + whole, rest));
    store_part(dx + whole, add ? load_part(dx + whole, rest) + value : value, rest);
  }
}

}  // namespace

constinit const NormLoops norm_loops{.layer_norm_row = layer_norm_row,
                                     .layer_norm_backward_row = layer_norm_backward_row};

}  // namespace tensor::cpu::BLIP_ISA
