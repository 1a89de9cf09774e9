#include "blip/stack.h"

#include <cstring>
#include <vector>

namespace blip {

using tensor::Shape;
using tensor::Tensor;

Tensor stack(std::span<const Tensor> parts) {
  const Tensor& first = parts.front();
  std::vector<int64_t> dims(first.shape().begin(), first.shape().end());
  dims[0] = static_cast<int64_t>(parts.size());
  Tensor whole = Tensor::empty(Shape(dims), first.dtype());
  auto* to = static_cast<std::byte*>(whole.writable());
  for (const Tensor& part : parts) {
    tensor::expect_shape("stack", "part", part, first.shape());
    tensor::expect_dtype("stack", "part", part, first.dtype());
    std::memcpy(to, part.raw(), part.bytes());
    to += part.bytes();
  }
  return whole;
}

}  // namespace blip
