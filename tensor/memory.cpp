#include "tensor/memory.h"

#include "tensor/backend.h"

namespace tensor {

void copy_(Tensor& to, const Tensor& from) {
  expect_shape("copy_", "from", from, from.shape());
  expect_shape("copy_", "to", to, from.shape());
  expect_dtype("copy_", "to", to, from.dtype());
  const Backend& on = backend(to.device().is_host() ? from.device() : to.device());
  on.kernel("copy_", on.memory.copy)(to.writable_address(), to.device(), from.address(),
                                     from.device(), from.bytes());
}

void wait(Device device) {
  const Backend& on = backend(device);
  on.kernel("wait", on.memory.wait)(device);
}

}  // namespace tensor
