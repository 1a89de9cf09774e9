// A register of floats, as wide as the instruction set that this file is compiled for. Written
// with the compiler's vector extensions: one source for AVX-512 (16 lanes), AVX2 (8) and whatever
// the baseline has (4, plain C++ where there is nothing). Everything here is internal to the
// including file: see tensor/cpu/isa.h for why. Intrinsics stand where the compiler does not find
// the instruction by itself.
#pragma once

#include <cstdint>
#if defined(BLIP_ISA_AVX512) || defined(BLIP_ISA_AVX2)
#include <immintrin.h>  // its functions are always inlined, never emitted
#endif

#include "tensor/cpu/isa/loops.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

#if defined(BLIP_ISA_AVX512)
constexpr int kLanes = 16;
#elif defined(BLIP_ISA_AVX2)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

/// kLanes floats; arithmetic and comparison are lane by lane, a * b + c mostly contracts to one FMA
/// where the machine has it.
typedef float Floats __attribute__((vector_size(kLanes * 4)));
typedef int32_t Ints __attribute__((vector_size(kLanes * 4)));
typedef float UnalignedFloats __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));

inline Floats load(const float* from) {
  return *reinterpret_cast<const UnalignedFloats*>(from);
}
inline void store(float* to, Floats value) {
  *reinterpret_cast<UnalignedFloats*>(to) = value;
}
inline Floats broadcast(float value) {
  return value - Floats{};
}

/// a * b + c, rounded once where the machine can. For sums that must come out the same from several
/// versions of a loop: whether a plain a * b + c contracts is up to the compiler each time.
inline Floats multiply_add(Floats a, Floats b, Floats c) {
#if defined(BLIP_ISA_AVX512)
  return (Floats)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(BLIP_ISA_AVX2)
  return (Floats)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
  return a * b + c;
#endif
}

#if defined(BLIP_ISA_AVX512)
inline __mmask16 first_lanes(int64_t count) {
  return static_cast<__mmask16>((1 << count) - 1);
}
#elif defined(BLIP_ISA_AVX2)
inline Ints first_lanes(int64_t count) {
  return Ints{0, 1, 2, 3, 4, 5, 6, 7} < static_cast<int32_t>(count);
}
#endif

/// The first `count` < kLanes floats; the other lanes are `fill`. Memory beyond is not touched.
inline Floats load_part(const float* from, int64_t count, float fill = 0) {
#if defined(BLIP_ISA_AVX512)
  return (Floats)_mm512_mask_loadu_ps((__m512)broadcast(fill), first_lanes(count), from);
#elif defined(BLIP_ISA_AVX2)
  const Ints first = first_lanes(count);
  return first ? (Floats)_mm256_maskload_ps(from, (__m256i)first) : broadcast(fill);
#else
  Floats value = broadcast(fill);
  for (int64_t i = 0; i < count; ++i) value[i] = from[i];
  return value;
#endif
}
inline void store_part(float* to, Floats value, int64_t count) {
#if defined(BLIP_ISA_AVX512)
  _mm512_mask_storeu_ps(to, first_lanes(count), (__m512)value);
#elif defined(BLIP_ISA_AVX2)
  _mm256_maskstore_ps(to, (__m256i)first_lanes(count), (__m256)value);
#else
  for (int64_t i = 0; i < count; ++i) to[i] = value[i];
#endif
}

/// Numbers of 16 bits made floats: exact.
inline Floats widen_bfloat16(const uint16_t* from) {
  Ints bits;
  for (int i = 0; i < kLanes; ++i) bits[i] = static_cast<int32_t>(uint32_t{from[i]} << 16);
  return (Floats)bits;
}
inline Floats widen_half(const uint16_t* from) {
  Ints bits;
  for (int i = 0; i < kLanes; ++i) bits[i] = from[i];
  // Exponent and mantissa move to their places; 2^112 is the quotient of the exponents' biases, and
  // the product makes subnormals normal. Infinity and NaN need all bits of the exponent.
  const Ints magnitude = bits & 0x7fff;
  const Ints finite = (Ints)((Floats)(magnitude << 13) * 0x1p112f);
  const Ints special = (magnitude >= 0x7c00) & 0x7f800000;
  return (Floats)(finite | special | (bits & 0x8000) << 16);
}

#if defined(BLIP_ISA_AVX512)
constexpr __mmask16 kAllLanes = 0xffff;  // gcc 12 warns of the intrinsics without a mask
#endif
/// Where either is NaN: b.
inline Floats max(Floats a, Floats b) {
#if defined(BLIP_ISA_AVX512)
  return (Floats)_mm512_maskz_max_ps(kAllLanes, (__m512)a, (__m512)b);
#elif defined(BLIP_ISA_AVX2)
  return (Floats)_mm256_max_ps((__m256)a, (__m256)b);
#else
  return a > b ? a : b;
#endif
}
inline Floats min(Floats a, Floats b) {
#if defined(BLIP_ISA_AVX512)
  return (Floats)_mm512_maskz_min_ps(kAllLanes, (__m512)a, (__m512)b);
#elif defined(BLIP_ISA_AVX2)
  return (Floats)_mm256_min_ps((__m256)a, (__m256)b);
#else
  return a < b ? a : b;
#endif
}

/// Rounded correctly, on every machine.
inline Floats square_root(Floats x) {
#if defined(BLIP_ISA_AVX512)
  return (Floats)_mm512_maskz_sqrt_ps(kAllLanes, (__m512)x);
#elif defined(BLIP_ISA_AVX2)
  return (Floats)_mm256_sqrt_ps((__m256)x);
#else
  for (int i = 0; i < kLanes; ++i) x[i] = __builtin_sqrtf(x[i]);
  return x;
#endif
}

/// The lanes added in the order of a tree (fixed, so sums are reproducible).
inline float sum(Floats value) {
  float lanes[kLanes];
  for (int i = 0; i < kLanes; ++i) lanes[i] = value[i];
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}
inline float max_of(Floats value) {
  float largest = value[0];
  for (int i = 1; i < kLanes; ++i) largest = value[i] > largest ? value[i] : largest;
  return largest;
}

}  // namespace
}  // namespace tensor::cpu::BLIP_ISA
