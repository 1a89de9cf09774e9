// Functions of a whole register. As everything in this folder, internal to the including file.
#pragma once

#include "tensor/cpu/isa/simd.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

/// e^x, within 2 units in the last place; 0 below -87.3 (where normal numbers end), infinite above
/// 88.3, NaN stays NaN.
inline Floats exp(Floats x) {
  const Floats bounded = min(broadcast(89.0f), x);  // in this order a NaN passes
  // x = n ln 2 + r with |r| <= ln 2 / 2. Adding 1.5 * 2^23 rounds to an integer, which then stands
  // in the low bits, with the exponent's bias of 127 in it. ln 2 is split so that n times its first
  // part is exact.
  const Floats rounder = broadcast(12582912.0f + 127.0f);
  const Floats shifted = bounded * 0x1.715476p0f + rounder;
  const Floats n = shifted - rounder;
  const Floats r = bounded - n * 0x1.62e4p-1f - n * 0x1.7f7d1cp-20f;
  // e^r - 1 - r = r^2 q(r), q of least largest relative error in e^r (3e-9) of its degree.
  Floats q = r * 0x1.6a2434p-10f + 0x1.1239e2p-7f;
  q = q * r + 0x1.5558f2p-5f;
  q = q * r + 0x1.555492p-3f;
  q = q * r + 0x1.fffffcp-2f;
  const Floats e = q * (r * r) + r + 1.0f;
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
  const Floats low =
      (z * -0x1.98867cp-1f - 0x1.62e40ep-1f) + z2 * (z * -0x1.2b9ec2p-5f - 0x1.45db26p-2f);
  const Floats high = (z * -0x1.0a65b0p-12f + 0x1.4fff5cp-8f) +
                      z2 * (z * 0x1.fa9262p-17f - 0x1.1ca958p-14f) + z4 * -0x1.0907cep-20f;
  const Floats p = low + z4 * high;
  return max(Floats{}, x) - z * exp(p);
}

}  // namespace
}  // namespace tensor::cpu::BLIP_ISA
