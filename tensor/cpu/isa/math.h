// Functions of a whole register. As everything in this folder, internal to the including file.
#pragma once

#include "tensor/cpu/isa/simd.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

/// p * x + c, a step of Horner's scheme.
inline Floats step(Floats p, Floats x, float c) {
  return multiply_add(p, x, broadcast(c));
}

/// e^x, within 2 units in the last place; 0 below -87.3 (where normal numbers end), infinite above
/// 88.3, NaN stays NaN.
inline Floats exp(Floats x) {
  const Floats bounded = min(broadcast(89.0f), x);  // in this order a NaN passes
  // x = n ln 2 + r with |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds to an integer, which then stands
  // in the low bits, with the exponent's bias of 127 in it. ln 2 is split so that n times its first
  // part is exact.
  constexpr float kRounder = 12582912.0f + 127.0f;
  const Floats shifted = step(bounded, broadcast(0x1.715476p0f), kRounder);
  const Floats n = shifted - kRounder;
  Floats r = multiply_add(n, broadcast(-0x1.62e4p-1f), bounded);
  r = multiply_add(n, broadcast(-0x1.7f7d1cp-20f), r);
  // e^r - 1 - r = r^2 q(r), q of least largest relative error in e^r (3e-9) of its degree.
  Floats q = step(broadcast(0x1.6a2434p-10f), r, 0x1.1239e2p-7f);
  q = step(q, r, 0x1.5558f2p-5f);
  q = step(q, r, 0x1.555492p-3f);
  q = step(q, r, 0x1.fffffcp-2f);
  const Floats e = multiply_add(q, r * r, r) + 1.0f;
  const Floats scaled = e * (Floats)((Ints)shifted << 23);
  return x < -87.3f ? Floats{} : scaled;
}

/// Both sides of zero share the tail T(z) = 1 - Phi(z) of the normal distribution, z = |x|. log T
/// is close to a parabola: `log_tail` approximates it on [0, 6.5] so that z T(z) errs by 1e-8 at
/// most, and falls beyond, so that T fades to 0. At 20 it has; there z ends, since it must not grow
/// to infinity. NaN stays NaN.
inline Floats bounded_magnitude(Floats x) {
  return min(broadcast(20.0f), (Floats)((Ints)x & 0x7fffffff));
}
inline Floats log_tail(Floats z) {
  // Pairs of coefficients first (Estrin's scheme): a shorter chain than Horner's.
  const Floats z2 = z * z, z4 = z2 * z2;
  const Floats p01 = step(broadcast(-0x1.98867cp-1f), z, -0x1.62e40ep-1f);
  const Floats p23 = step(broadcast(-0x1.2b9ec2p-5f), z, -0x1.45db26p-2f);
  const Floats p45 = step(broadcast(-0x1.0a65b0p-12f), z, 0x1.4fff5cp-8f);
  const Floats p67 = step(broadcast(0x1.fa9262p-17f), z, -0x1.1ca958p-14f);
  const Floats p4567 = multiply_add(p67, z2, p45);
  const Floats p45678 = multiply_add(broadcast(-0x1.0907cep-20f), z4, p4567);
  return multiply_add(p45678, z4, multiply_add(p23, z2, p01));
}

/// x * Phi(x) with the normal distribution function Phi: the exact GELU, as max(x, 0) - z T(z).
/// Within 1e-7 or one unit in the last place; -0 far below zero, NaN stays NaN.
inline Floats gelu(Floats x) {
  const Floats z = bounded_magnitude(x);
  return multiply_add(-z, exp(log_tail(z)), max(Floats{}, x));
}

/// x sigmoid(1.702 x). Far below zero -0, infinity stays infinity, NaN stays NaN; -infinity, the
/// product of infinity and zero, becomes NaN. So does gelu_tanh.
inline Floats gelu_quick(Floats x) {
  return x / (exp(x * -1.702f) + 1.0f);
}

/// x/2 (1 + tanh u) with u = sqrt(2/pi) (x + 0.044715 x^3), which is x sigmoid(2u).
inline Floats gelu_tanh(Floats x) {
  const Floats cubic = step(x * x, broadcast(0.044715f), 1.0f);
  return x / (exp(x * cubic * -1.5957691216f) + 1.0f);
}

/// The derivative of gelu, Phi(x) + x phi(x) with the density phi. Within 6e-7.
inline Floats gelu_slope(Floats x) {
  const Floats z = bounded_magnitude(x);
  // At -z: T(z) - z phi(z); at z: 1 minus that.
  const Floats density = exp(z * z * -0.5f) * 0.3989422804f;  // 1 / sqrt(2 pi)
  const Floats below = multiply_add(-z, density, exp(log_tail(z)));
  return x < 0.0f ? below : 1.0f - below;
}

/// The derivative of x sigmoid(v(x)), dv that of v. 1 - sigmoid(v) is sigmoid(-v), which is exact
/// where the former is near 0. Within 4e-7 in the two below.
inline Floats sigmoid(Floats v) {
  return 1.0f / (exp(-v) + 1.0f);
}
inline Floats gate_slope(Floats x, Floats v, Floats dv) {
  const Floats on = sigmoid(v);
  return multiply_add(x * dv, on * sigmoid(-v), on);
}
/// Where slopes have long reached 0 and 1, so that no infinity meets a zero. NaN stays NaN.
inline Floats within_100(Floats x) {
  return max(broadcast(-100.0f), min(broadcast(100.0f), x));
}
inline Floats gelu_quick_slope(Floats x) {
  const Floats inside = within_100(x);
  return gate_slope(inside, inside * 1.702f, broadcast(1.702f));
}
inline Floats gelu_tanh_slope(Floats x) {
  const Floats inside = within_100(x), square = inside * inside;
  return gate_slope(inside, inside * step(square, broadcast(0.044715f), 1.0f) * 1.5957691216f,
                    step(square, broadcast(3 * 0.044715f), 1.0f) * 1.5957691216f);
}

}  // namespace
}  // namespace tensor::cpu::BLIP_ISA
