// A device's memory: where tensors come from, and how bytes get from one device to another.
#pragma once

#include <cstddef>

#include "tensor/tensor.h"

namespace tensor {

/// to = from; both of one shape and type, on any devices. When it returns, host memory on either
/// side may be read and written; between devices the copy is done in the order of their operations.
/// They must not overlap.
void copy_(Tensor& to, const Tensor& from);
/// Returns when everything that was asked of the device is done.
void wait(Device device);

/// What a device must be able to do before anything else. Callers are the allocator, Tensor and the
/// functions above.
struct MemoryKernels {
  /// Memory aligned to 64 bytes or more, or null if there is none.
  void* (*allocate)(Device device, std::size_t bytes);
  void (*free)(Device device, void* block);
  /// The kernel is that of the device that is not the host, of `to_device` if neither is.
  void (*copy)(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes);
  void (*fill)(Device device, void* to, std::byte value, std::size_t bytes);
  void (*wait)(Device device);
};
namespace cpu {
extern const MemoryKernels memory;
}

}  // namespace tensor
