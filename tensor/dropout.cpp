#include "tensor/dropout.h"

#include "tensor/backend.h"

namespace tensor {
namespace {

void expect_mask(const char* op, const Tensor& x, const DropoutMask& mask) {
  if (!(mask.probability >= 0 && mask.probability < 1)) {
    throw base::UsageError(
        base::str(op, ": the probability is ", mask.probability, ", expected one in [0, 1)"));
  }
  const int64_t rows = x.rank() == 0 ? 1 : x.elements() / std::max<int64_t>(1, x.dim(-1));
  for (const auto& [name, tensor] : {Argument{"samples", mask.samples}, {"tokens", mask.tokens}}) {
    expect_shape(op, name, tensor, {rows});
    expect_dtype(op, name, tensor, DType::i32);
  }
}

}  // namespace

uint64_t dropout_key(uint64_t seed, uint64_t step, std::string_view path) {
  // FNV-1a of the path, from a start that seed and step have mixed.
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  };
  add(seed);
  add(step);
  for (const char letter : path) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  add(path.size());
  return hash;
}

void dropout_forward(Tensor& y, const Tensor& x, const DropoutMask& mask) {
  constexpr const char* kOp = "dropout_forward";
  expect_f32(kOp, "x", x, x.shape());
  expect_f32(kOp, "y", y, x.shape());
  expect_mask(kOp, x, mask);
  const Backend& on =
      backend(kOp, {{"y", y}, {"x", x}, {"samples", mask.samples}, {"tokens", mask.tokens}});
  on.kernel(kOp, on.dropout.dropout_forward)(y, x, mask);
}

void dropout_backward(const Gradient& dx, const Tensor& dy, const DropoutMask& mask) {
  constexpr const char* kOp = "dropout_backward";
  expect_f32(kOp, "dy", dy, dy.shape());
  expect_gradient(kOp, "dx", dx, dy.shape());
  expect_mask(kOp, dy, mask);
  if (!dx.wanted()) return;
  const Backend& on = backend(
      kOp, {{"dx", dx.sum}, {"dy", dy}, {"samples", mask.samples}, {"tokens", mask.tokens}});
  on.kernel(kOp, on.dropout.dropout_backward)(dx, dy, mask);
}

}  // namespace tensor
