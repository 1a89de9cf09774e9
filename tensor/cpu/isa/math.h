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

/// x * Phi(x) with the normal distribution function Phi: the exact GELU. Within 1e-7 or one unit in
/// the last place; -0 far below zero, NaN stays NaN.
inline Floats gelu(Floats x) {
  // Both sides of zero share the tail T(z) = 1 - Phi(z) of z = |x|: gelu(x) = max(x, 0) - z T(z).
  // log T is close to a parabola. p approximates it on [0, 6.5] so that z e^p(z) errs by 1e-8 at
  // most, and falls beyond, so that T fades to 0. At 20 it has, and z must not grow to infinity.
  const Floats z = min(broadcast(20.0f), (Floats)((Ints)x & 0x7fffffff));
  // Pairs of coefficients first (Estrin's scheme): a shorter chain than Horner's.
  const Floats z2 = z * z, z4 = z2 * z2;
  const Floats p01 = step(broadcast(-0x1.98867cp-1f), z, -0x1.62e40ep-1f);
  const Floats p23 = step(broadcast(-0x1.2b9ec2p-5f), z, -0x1.45db26p-2f);
  const Floats p45 = step(broadcast(-0x1.0a65b0p-12f), z, 0x1.4fff5cp-8f);
  const Floats p67 = step(broadcast(0x1.fa9262p-17f), z, -0x1.1ca958p-14f);
  const Floats p4567 = multiply_add(p67, z2, p45);
  const Floats p45678 = multiply_add(broadcast(-0x1.0907cep-20f), z4, p4567);
  const Floats p = multiply_add(p45678, z4, multiply_add(p23, z2, p01));
  return multiply_add(-z, exp(p), max(Floats{}, x));
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

}  // namespace
}  // namespace tensor::cpu::BLIP_ISA
