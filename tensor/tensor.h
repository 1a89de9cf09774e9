// Tensor: a value that shares its storage. Always contiguous, row-major; the last axis varies
// fastest. Copying a Tensor copies a reference; `reshape` and `slice` are views of the same data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace tensor {

enum class DType : uint8_t { f32, f16, bf16, f64, i64, i32, i16, i8, u8, boolean };
enum class Device : uint8_t { cpu, cuda };

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

/// Axis lengths, outermost first; at most 8 axes, each >= 0.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const int64_t> dims);

  int rank() const { return rank_; }
  /// Axis `i`; negative counts from the last: dim(-1) is the fastest axis.
  int64_t operator[](int i) const { return dims_[static_cast<std::size_t>(i < 0 ? i + rank_ : i)]; }
  /// The product of all axes; 1 for a scalar.
  int64_t elements() const;
  const int64_t* begin() const { return dims_.data(); }
  const int64_t* end() const { return dims_.data() + rank_; }
  /// "[2, 577, 1024]"
  std::string str() const;
  bool operator==(const Shape&) const = default;

 private:
  std::array<int64_t, 8> dims_{};
  int rank_ = 0;
};

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

class Tensor {
 public:
  /// No tensor: `defined()` is false. As an argument it means "not wanted" or "not given".
  Tensor() = default;

  /// Memory whose content is not set, from the device's caching allocator.
  static Tensor empty(const Shape& shape, DType dtype = DType::f32, Device device = Device::cpu);
  static Tensor zeros(const Shape& shape, DType dtype = DType::f32, Device device = Device::cpu);
  /// A copy of values in host memory; their number must be shape.elements().
  template <class T>
  static Tensor from(const Shape& shape, std::span<const T> values);
  template <class T>
  static Tensor from(const Shape& shape, const std::vector<T>& values) {
    return from(shape, std::span<const T>(values));
  }
  /// A read-only tensor inside a mapped file, which it keeps alive. `data` must be aligned for its
  /// elements (a reader copies what a file does not align).
  static Tensor mapped(const Shape& shape, DType dtype,
                       std::shared_ptr<const base::MappedFile> file, const std::byte* data);

  bool defined() const { return storage_ != nullptr; }
  const Shape& shape() const { return shape_; }
  int rank() const { return shape_.rank(); }
  int64_t dim(int i) const { return shape_[i]; }
  int64_t elements() const { return elements_; }
  std::size_t bytes() const { return static_cast<std::size_t>(elements_) * size_of(dtype_); }
  DType dtype() const { return dtype_; }
  Device device() const;
  bool is_mapped() const;

  /// The elements; DTypeError if they are not of type T, or if a mapped tensor (read-only) is
  /// asked for writable elements.
  template <class T>
  const T* data() const {
    expect_dtype(DTypeOf<T>::value);
    return static_cast<const T*>(raw());
  }
  template <class T>
  T* data() {
    expect_dtype(DTypeOf<T>::value);
    return static_cast<T*>(writable());
  }
  template <class T>
  std::span<const T> span() const {
    return {data<T>(), static_cast<std::size_t>(elements_)};
  }
  const void* raw() const;
  void* writable();
  /// How often writable elements of this storage were asked for, by any tensor that shares it. What
  /// was derived from the elements (packed panels, a recorded step) keeps the number and compares.
  /// A pointer that is kept from an earlier call writes unseen.
  uint64_t version() const;

  /// The same elements under another shape of as many elements.
  Tensor reshape(const Shape& shape) const;
  /// Rows [begin, end) of the first axis, as a view.
  Tensor slice(int64_t begin, int64_t end) const;
  /// Gives a mapped tensor's pages back to the system (they load again when touched).
  void release_pages() const;

 private:
  struct Storage;
  void expect_dtype(DType wanted) const;

  std::shared_ptr<Storage> storage_;
  std::size_t offset_ = 0;  // bytes into the storage
  int64_t elements_ = 0;
  Shape shape_;
  DType dtype_ = DType::f32;
};

template <class T>
Tensor Tensor::from(const Shape& shape, std::span<const T> values) {
  Tensor result = empty(shape, DTypeOf<T>::value);
  if (static_cast<int64_t>(values.size()) != shape.elements()) {
    throw base::ShapeError(base::str("Tensor::from: ", values.size(), " values, shape ",
                                     shape.str(), " expects ", shape.elements()));
  }
  T* to = result.data<T>();
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = values[i];
  return result;
}

/// Throws a ShapeError `op: what is [..], expected [..]` unless the shapes agree.
void expect_shape(const char* op, const char* what, const Tensor& found, const Shape& expected);
/// Throws a DTypeError likewise.
void expect_dtype(const char* op, const char* what, const Tensor& found, DType expected);
/// An f32 tensor of the given shape: what most kernels take.
void expect_f32(const char* op, const char* what, const Tensor& found, const Shape& expected);

}  // namespace tensor
