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
#include "tensor/device.h"
#include "tensor/dtype.h"

namespace tensor {

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

class Tensor {
 public:
  /// No tensor: `defined()` is false. As an argument it means "not wanted" or "not given".
  Tensor() = default;

  /// Memory whose content is not set, from the device's caching allocator. DeviceError if there is
  /// no such device, MemoryError if it has no room.
  static Tensor empty(const Shape& shape, DType dtype = DType::f32, Device device = Device::cpu());
  static Tensor zeros(const Shape& shape, DType dtype = DType::f32, Device device = Device::cpu());
  /// Memory on this tensor's device, content not set; of this tensor's type unless one is given.
  Tensor empty_like(const Shape& shape) const { return empty(shape, dtype_, device()); }
  Tensor empty_like(const Shape& shape, DType dtype) const { return empty(shape, dtype, device()); }
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

  /// The elements, in host memory. DTypeError if they are not of type T, or if a mapped tensor
  /// (read-only) is asked for writable elements; DeviceError if they lie elsewhere (see `to`).
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
  /// The same for kernels of the tensor's device and for copies: an address in whatever memory that
  /// device has.
  template <class T>
  const T* device_data() const {
    expect_dtype(DTypeOf<T>::value);
    return static_cast<const T*>(address());
  }
  template <class T>
  T* device_data() {
    expect_dtype(DTypeOf<T>::value);
    return static_cast<T*>(writable_address());
  }
  const void* address() const;
  void* writable_address();
  /// How often writable elements of this storage were asked for, by any tensor that shares it. What
  /// was derived from the elements (packed panels, a recorded step) keeps the number and compares.
  /// A pointer that is kept from an earlier call writes unseen.
  uint64_t version() const;

  /// The same elements under another shape of as many elements.
  Tensor reshape(const Shape& shape) const;
  /// Rows [begin, end) of the first axis, as a view.
  Tensor slice(int64_t begin, int64_t end) const;
  /// The elements on another device, copied; the tensor itself if they are there already.
  Tensor to(Device device) const;
  /// Gives a mapped tensor's pages back to the system (they load again when touched).
  void release_pages() const;

 private:
  struct Storage;
  void expect_dtype(DType wanted) const;
  void expect_host() const;

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
/// The same where an operation takes several types: `..., expected f32, f16 or bf16`.
void expect_dtype(const char* op, const char* what, const Tensor& found,
                  std::initializer_list<DType> expected);
/// An f32 tensor of the given shape: what most kernels take.
void expect_f32(const char* op, const char* what, const Tensor& found, const Shape& expected);

}  // namespace tensor
