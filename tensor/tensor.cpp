#include "tensor/tensor.h"

#include <atomic>
#include <bit>
#include <cstring>

#include "tensor/allocator.h"

namespace tensor {

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::f64:
    case DType::i64:
      return 8;
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::f16:
    case DType::bf16:
    case DType::i16:
      return 2;
    case DType::i8:
    case DType::u8:
    case DType::boolean:
      return 1;
  }
  return 0;
}

const char* name_of(DType dtype) {
  constexpr const char* kNames[] = {"f32", "f16", "bf16", "f64", "i64",
                                    "i32", "i16", "i8",   "u8",  "boolean"};
  return kNames[static_cast<std::size_t>(dtype)];
}

float to_float(BFloat16 value) {
  return std::bit_cast<float>(uint32_t{value.bits} << 16);
}

float to_float(Half value) {
  const uint32_t sign = (value.bits & 0x8000u) << 16;
  const uint32_t exponent = (value.bits >> 10) & 31, mantissa = value.bits & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | (mantissa << 13));
  if (exponent == 0) {  // zero or subnormal: mantissa * 2^-24, exact in f32
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
}

BFloat16 to_bfloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) {  // NaN: keep it one
    return {static_cast<uint16_t>((bits >> 16) | 0x40)};
  }
  return {static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16)};
}

Half to_half(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return {static_cast<uint16_t>(sign | 0x7E00)};   // NaN
  if (magnitude >= 0x477FF000u) return {static_cast<uint16_t>(sign | 0x7C00)};  // rounds past 65504
  if (magnitude < 0x38800000u) {  // subnormal: adding 2^-1 aligns the bits that remain, rounded
    const float aligned = std::bit_cast<float>(magnitude) + 0.5f;
    return {static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(aligned) - 0x3F000000u))};
  }
  const uint32_t rounded = magnitude - 0x38000000u + 0xFFF + ((magnitude >> 13) & 1);
  return {static_cast<uint16_t>(sign | (rounded >> 13))};
}

Shape::Shape(std::span<const int64_t> dims) : rank_(static_cast<int>(dims.size())) {
  if (dims.size() > dims_.size()) {
    throw base::ShapeError(base::str("a tensor has at most 8 axes, found ", dims.size()));
  }
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] < 0)
      throw base::ShapeError(base::str("axis ", i, " has negative length ", dims[i]));
    dims_[i] = dims[i];
  }
}

int64_t Shape::elements() const {
  int64_t product = 1;
  for (const int64_t dim : *this) {
    if (__builtin_mul_overflow(product, dim, &product)) {
      throw base::ShapeError(base::str("shape ", str(), " has too many elements"));
    }
  }
  return product;
}

std::string Shape::str() const {
  std::string text = "[";
  for (int i = 0; i < rank_; ++i) {
    if (i > 0) text += ", ";
    text += std::to_string((*this)[i]);
  }
  return text + "]";
}

/// Memory that one or more tensors share: from an allocator, or a part of a mapped file.
struct Tensor::Storage {
  std::byte* data = nullptr;
  Device device = Device::cpu;
  std::shared_ptr<const base::MappedFile> file;  // null: `data` belongs to the allocator
  std::atomic<uint64_t> version{0};

  Storage() = default;
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage() {
    if (!file && data) cpu_allocator().free(data);
  }
};

Tensor Tensor::empty(const Shape& shape, DType dtype, Device device) {
  if (device != Device::cpu) throw base::DeviceError("Tensor::empty: this build has no CUDA");
  Tensor result;
  result.shape_ = shape;
  result.elements_ = shape.elements();
  result.dtype_ = dtype;
  std::size_t bytes;
  if (__builtin_mul_overflow(static_cast<std::size_t>(result.elements_), size_of(dtype), &bytes)) {
    throw base::ShapeError(base::str("shape ", shape.str(), " has too many bytes"));
  }
  result.storage_ = std::make_shared<Storage>();
  result.storage_->data = static_cast<std::byte*>(cpu_allocator().allocate(bytes));
  return result;
}

Tensor Tensor::zeros(const Shape& shape, DType dtype, Device device) {
  Tensor result = empty(shape, dtype, device);
  std::memset(result.writable(), 0, result.bytes());
  return result;
}

Tensor Tensor::mapped(const Shape& shape, DType dtype, std::shared_ptr<const base::MappedFile> file,
                      const std::byte* data) {
  Tensor result;
  result.shape_ = shape;
  result.elements_ = shape.elements();
  result.dtype_ = dtype;
  result.storage_ = std::make_shared<Storage>();
  result.storage_->data = const_cast<std::byte*>(data);  // writable() refuses mapped storage
  result.storage_->file = std::move(file);
  return result;
}

Device Tensor::device() const {
  return storage_ ? storage_->device : Device::cpu;
}

bool Tensor::is_mapped() const {
  return storage_ && storage_->file;
}

const void* Tensor::raw() const {
  return storage_ ? storage_->data + offset_ : nullptr;
}

void* Tensor::writable() {
  if (is_mapped()) throw base::DTypeError("a tensor of a mapped file is read-only");
  if (!storage_) return nullptr;
  storage_->version.fetch_add(1, std::memory_order_relaxed);
  return storage_->data + offset_;
}

uint64_t Tensor::version() const {
  return storage_ ? storage_->version.load(std::memory_order_relaxed) : 0;
}

void Tensor::expect_dtype(DType wanted) const {
  if (dtype_ != wanted) {
    throw base::DTypeError(
        base::str("a tensor holds ", name_of(dtype_), ", ", name_of(wanted), " expected"));
  }
}

Tensor Tensor::reshape(const Shape& shape) const {
  if (shape.elements() != elements_) {
    throw base::ShapeError(
        base::str("reshape: ", shape_.str(), " does not have the elements of ", shape.str()));
  }
  Tensor result = *this;
  result.shape_ = shape;
  return result;
}

Tensor Tensor::slice(int64_t begin, int64_t end) const {
  if (rank() == 0 || begin < 0 || begin > end || end > dim(0)) {
    throw base::ShapeError(
        base::str("slice: rows ", begin, " to ", end, " of a tensor ", shape_.str()));
  }
  std::array<int64_t, 8> dims{};
  for (int i = 0; i < rank(); ++i) dims[static_cast<std::size_t>(i)] = dim(i);
  const int64_t row = dim(0) > 0 ? elements_ / dim(0) : 0;
  dims[0] = end - begin;
  Tensor result = *this;
  result.shape_ = Shape(std::span<const int64_t>(dims.data(), static_cast<std::size_t>(rank())));
  result.elements_ = row * (end - begin);
  result.offset_ += static_cast<std::size_t>(row * begin) * size_of(dtype_);
  return result;
}

void Tensor::release_pages() const {
  if (is_mapped()) storage_->file->release(raw(), bytes());
}

void expect_shape(const char* op, const char* what, const Tensor& found, const Shape& expected) {
  if (!found.defined()) {
    throw base::ShapeError(base::str(op, ": ", what, " is absent, expected ", expected.str()));
  }
  if (found.shape() != expected) {
    throw base::ShapeError(
        base::str(op, ": ", what, " is ", found.shape().str(), ", expected ", expected.str()));
  }
}

void expect_dtype(const char* op, const char* what, const Tensor& found, DType expected) {
  if (found.dtype() != expected) {
    throw base::DTypeError(base::str(op, ": ", what, " is ", name_of(found.dtype()), ", expected ",
                                     name_of(expected)));
  }
}

void expect_f32(const char* op, const char* what, const Tensor& found, const Shape& expected) {
  expect_shape(op, what, found, expected);
  expect_dtype(op, what, found, DType::f32);
}

}  // namespace tensor
