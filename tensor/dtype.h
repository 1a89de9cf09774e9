// The types of a tensor's elements.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tensor {

enum class DType : uint8_t { f32, f16, bf16, f64, i64, i32, i16, i8, u8, boolean };

/// Bytes of one element.
std::size_t size_of(DType dtype);
/// "f32", "bf16", ...
const char* name_of(DType dtype);

/// IEEE half and bfloat16, as stored; arithmetic happens in f32.
struct Half {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};
float to_float(Half value);
float to_float(BFloat16 value);
/// Round to nearest, ties to even.
Half to_half(float value);
BFloat16 to_bfloat16(float value);

/// The element type that a C++ type stands for.
template <class T>
struct DTypeOf;
// clang-format off
template <> struct DTypeOf<float>    { static constexpr DType value = DType::f32; };
template <> struct DTypeOf<double>   { static constexpr DType value = DType::f64; };
template <> struct DTypeOf<Half>     { static constexpr DType value = DType::f16; };
template <> struct DTypeOf<BFloat16> { static constexpr DType value = DType::bf16; };
template <> struct DTypeOf<int64_t>  { static constexpr DType value = DType::i64; };
template <> struct DTypeOf<int32_t>  { static constexpr DType value = DType::i32; };
template <> struct DTypeOf<int16_t>  { static constexpr DType value = DType::i16; };
template <> struct DTypeOf<int8_t>   { static constexpr DType value = DType::i8; };
template <> struct DTypeOf<uint8_t>  { static constexpr DType value = DType::u8; };
template <> struct DTypeOf<bool>     { static constexpr DType value = DType::boolean; };
// clang-format on

}  // namespace tensor
