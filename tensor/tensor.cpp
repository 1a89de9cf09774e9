#include "tensor/tensor.h"

#include <atomic>
#include <memory_resource>
#include <mutex>

#include "tensor/allocator.h"
#include "tensor/backend.h"

namespace tensor {

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
  Device device;
  CachingAllocator* allocator = nullptr;         // which made `data` and takes it back
  std::shared_ptr<const base::MappedFile> file;  // or in which `data` lies
  std::atomic<uint64_t> version{0};

  Storage() = default;
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  ~Storage() {
    if (data && allocator) allocator->free(data);
  }
  static std::shared_ptr<Storage> make();
};

namespace {

/// Keeps the blocks that it gives out, safe to use from several threads.
class SharedPool : public std::pmr::memory_resource {
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    const std::lock_guard lock(mutex_);
    return pool_.allocate(bytes, alignment);
  }
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
    const std::lock_guard lock(mutex_);
    pool_.deallocate(block, bytes, alignment);
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::mutex mutex_;
  std::pmr::unsynchronized_pool_resource pool_;
};

}  // namespace

/// A step of decoding makes hundreds of tensors: that costs neither memory nor its bookkeeping.
std::shared_ptr<Tensor::Storage> Tensor::Storage::make() {
  // Never destroyed: tensors with static lifetime may outlive any static object.
  static SharedPool& pool = *new SharedPool;
  return std::allocate_shared<Storage>(std::pmr::polymorphic_allocator<Storage>(&pool));
}

Tensor Tensor::empty(const Shape& shape, DType dtype, Device device) {
  Tensor result;
  result.shape_ = shape;
  result.elements_ = shape.elements();
  result.dtype_ = dtype;
  std::size_t bytes;
  if (__builtin_mul_overflow(static_cast<std::size_t>(result.elements_), size_of(dtype), &bytes)) {
    throw base::ShapeError(base::str("shape ", shape.str(), " has too many bytes"));
  }
  result.storage_ = Storage::make();
  result.storage_->device = device;
  result.storage_->allocator = &allocator(device);
  result.storage_->data = static_cast<std::byte*>(result.storage_->allocator->allocate(bytes));
  return result;
}

Tensor Tensor::zeros(const Shape& shape, DType dtype, Device device) {
  Tensor result = empty(shape, dtype, device);
  const Backend& on = backend(device);
  on.kernel("Tensor::zeros", on.memory.fill)(device, result.writable_address(), std::byte{0},
                                             result.bytes());
  return result;
}

Tensor Tensor::mapped(const Shape& shape, DType dtype, std::shared_ptr<const base::MappedFile> file,
                      const std::byte* data) {
  Tensor result;
  result.shape_ = shape;
  result.elements_ = shape.elements();
  result.dtype_ = dtype;
  result.storage_ = Storage::make();
  result.storage_->data = const_cast<std::byte*>(data);  // writable() refuses mapped storage
  result.storage_->file = std::move(file);
  return result;
}

Device Tensor::device() const {
  return storage_ ? storage_->device : Device::cpu();
}

bool Tensor::is_mapped() const {
  return storage_ && storage_->file;
}

const void* Tensor::raw() const {
  expect_host();
  return address();
}

void* Tensor::writable() {
  expect_host();
  return writable_address();
}

const void* Tensor::address() const {
  return storage_ ? storage_->data + offset_ : nullptr;
}

void* Tensor::writable_address() {
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

void Tensor::expect_host() const {
  if (!device().is_host()) {
    throw base::DeviceError(
        base::str("a tensor ", shape_.str(), " lies on ", device().str(), ", cpu expected"));
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

Tensor Tensor::to(Device device) const {
  if (!defined() || device == this->device()) return *this;
  Tensor result = empty(shape_, dtype_, device);
  copy_(result, *this);
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

void expect_dtype(const char* op, const char* what, const Tensor& found,
                  std::initializer_list<DType> expected) {
  std::string names;
  std::size_t left = expected.size();
  for (const DType dtype : expected) {
    if (found.dtype() == dtype) return;
    names += name_of(dtype);
    if (--left > 0) names += left == 1 ? " or " : ", ";
  }
  throw base::DTypeError(
      base::str(op, ": ", what, " is ", name_of(found.dtype()), ", expected ", names));
}

void expect_f32(const char* op, const char* what, const Tensor& found, const Shape& expected) {
  expect_shape(op, what, found, expected);
  expect_dtype(op, what, found, DType::f32);
}

}  // namespace tensor
