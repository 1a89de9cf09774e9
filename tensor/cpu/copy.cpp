#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/rows.h"

namespace tensor::cpu {
namespace {

/// f32 by rounding to odd: if the last bit could not be kept exactly it is set, so that a second
/// rounding to 16 bits sees which side of the middle the number lies on.
float round_to_odd(double value) {
  const auto nearest = static_cast<float>(value);
  if (std::isnan(value) || nearest == value) return nearest;
  // Towards zero, then the last bit.
  const float inside =
      std::abs(double{nearest}) > std::abs(value) ? std::nextafter(nearest, 0.0f) : nearest;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(inside) | 1);
}

float widen(float value) {
  return value;
}
float widen(Half value) {
  return to_float(value);
}
float widen(BFloat16 value) {
  return to_float(value);
}

/// An element as another type, rounded once.
template <class To, class From>
To converted(From from) {
  if constexpr (std::is_same_v<From, double>) {
    if constexpr (std::is_floating_point_v<To>) {
      return static_cast<To>(from);
    } else {
      return converted<To>(round_to_odd(from));
    }
  } else if constexpr (std::is_same_v<To, Half>) {
    return to_half(widen(from));
  } else if constexpr (std::is_same_v<To, BFloat16>) {
    return to_bfloat16(widen(from));
  } else {
    return To{widen(from)};
  }
}

template <class To, class From>
void convert(Tensor& to, const Tensor& from) {
  To* target = to.data<To>();
  const From* source = from.data<From>();
  base::parallel_for(from.elements(), 16384, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) target[i] = converted<To>(source[i]);
  });
}

template <class From>
void convert_from(Tensor& to, const Tensor& from) {
  if (to.dtype() == DType::f32) return convert<float, From>(to, from);
  if (to.dtype() == DType::f64) return convert<double, From>(to, from);
  if (to.dtype() == DType::f16) return convert<Half, From>(to, from);
  return convert<BFloat16, From>(to, from);
}

void cast_forward(Tensor& to, const Tensor& from) {
  if (to.dtype() == from.dtype()) {
    std::memcpy(to.writable(), from.raw(), from.bytes());
  } else if (from.dtype() == DType::f32) {
    convert_from<float>(to, from);
  } else if (from.dtype() == DType::f64) {
    convert_from<double>(to, from);
  } else if (from.dtype() == DType::f16) {
    convert_from<Half>(to, from);
  } else {
    convert_from<BFloat16>(to, from);
  }
}

std::size_t row_bytes(const Tensor& tensor) {
  return tensor.dim(0) > 0 ? tensor.bytes() / static_cast<std::size_t>(tensor.dim(0)) : 0;
}

void gather_rows_forward(Tensor& to, const Tensor& from, const Tensor& rows) {
  const std::size_t bytes = row_bytes(from);
  auto* target = static_cast<std::byte*>(to.writable());
  const auto* source = static_cast<const std::byte*>(from.raw());
  for (const int32_t row : rows.span<int32_t>()) {
    std::memcpy(target, source + static_cast<std::size_t>(row) * bytes, bytes);
    target += bytes;
  }
}

void scatter_rows_forward(Tensor& to, const Tensor& from, const Tensor& rows) {
  const std::size_t bytes = row_bytes(to);
  auto* target = static_cast<std::byte*>(to.writable());
  const auto* source = static_cast<const std::byte*>(from.raw());
  for (const int32_t row : rows.span<int32_t>()) {
    std::memcpy(target + static_cast<std::size_t>(row) * bytes, source, bytes);
    source += bytes;
  }
}

void gather_rows_backward(const Gradient& dfrom, const Tensor& dto, const Tensor& rows) {
  sum_rows(dfrom, dto, rows);
}

void scatter_rows_backward(const Gradient& dfrom, const Tensor& dto, const Tensor& rows) {
  if (dfrom.sum.elements() == 0) return;
  const int64_t width = dfrom.sum.elements() / dfrom.sum.dim(0);
  const int32_t* row = rows.data<int32_t>();
  const float* from = dto.data<float>();
  float* to = elements_of(dfrom);
  const int64_t grain = std::max<int64_t>(1, 16384 / width);
  base::parallel_for(rows.elements(), grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      put(to + i * width, from + row[i] * width, width, dfrom.add);
    }
  });
}

}  // namespace

constinit const CopyKernels copy{.cast_forward = cast_forward,
                                 .gather_rows_forward = gather_rows_forward,
                                 .gather_rows_backward = gather_rows_backward,
                                 .scatter_rows_forward = scatter_rows_forward,
                                 .scatter_rows_backward = scatter_rows_backward};

}  // namespace tensor::cpu
