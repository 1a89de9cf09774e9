#include "tensor/backend.h"

#include <array>
#include <atomic>

#include "tensor/allocator.h"

namespace tensor {
namespace {

constexpr Backend kCpu{
    .name = "cpu",
    .attention = cpu::attention,
    .copy = cpu::copy,
    .cross_entropy = cpu::cross_entropy,
    .dropout = cpu::dropout,
    .elementwise = cpu::elementwise,
    .embedding = cpu::embedding,
    .matmul = cpu::matmul,
    .memory = cpu::memory,
    .norm = cpu::norm,
    .optimizer = cpu::optimizer,
    .patch = cpu::patch,
    .reduce = cpu::reduce,
    .sample = cpu::sample,
    .softmax = cpu::softmax,
};

/// A device that is known. Never destroyed: tensors with static lifetime may outlive any static
/// object.
struct Known {
  const Backend& table;
  CachingAllocator allocator;

  Known(Device device, const Backend& backend)
      : table(backend), allocator(backend.memory, device) {}
};

constexpr int kKinds = 2, kMaxDevices = 16;  // of a kind

using Slot = std::atomic<Known*>;

/// Null if there can be no such device.
Slot* slot(Device device) {
  static std::array<std::array<Slot, kMaxDevices>, kKinds>& slots = [&]() -> auto& {
    auto& made = *new std::array<std::array<Slot, kMaxDevices>, kKinds>{};
    made[0][0] = new Known(Device::cpu(), kCpu);
    return made;
  }
  ();
  const auto kind = static_cast<std::size_t>(device.kind);
  const int most = device.is_host() ? 1 : kMaxDevices;
  if (kind >= kKinds || device.index < 0 || device.index >= most) return nullptr;
  return &slots[kind][static_cast<std::size_t>(device.index)];
}

Known& known(Device device) {
  const Slot* place = slot(device);
  Known* found = place ? place->load(std::memory_order_acquire) : nullptr;
  if (!found) throw base::DeviceError("there is no device " + device.str());
  return *found;
}

}  // namespace

void expect_same_device(const char* op, std::initializer_list<Argument> arguments) {
  const Argument* first = nullptr;
  for (const Argument& argument : arguments) {
    if (!argument.tensor.defined()) continue;
    if (!first) first = &argument;
    const Device found = argument.tensor.device(), expected = first->tensor.device();
    if (found != expected) {
      throw base::DeviceError(base::str(op, ": ", argument.name, " is on ", found.str(),
                                        ", expected ", expected.str(), " like ", first->name));
    }
  }
}

const Backend& backend(Device device) {
  return known(device).table;
}

const Backend& backend(const Tensor& tensor) {
  return backend(tensor.device());
}

const Backend& backend(const char* op, std::initializer_list<Argument> arguments) {
  expect_same_device(op, arguments);
  for (const Argument& argument : arguments) {
    if (argument.tensor.defined()) return backend(argument.tensor);
  }
  return backend(Device::cpu());
}

CachingAllocator& allocator(Device device) {
  return known(device).allocator;
}

void add_device(Device device, const Backend& table) {
  table.kernel("add_device: allocate", table.memory.allocate);
  table.kernel("add_device: free", table.memory.free);
  Slot* const place = slot(device);
  if (!place) {
    throw base::DeviceError(base::str("add_device: ", device.str(), " is not among the ",
                                      kMaxDevices, " devices of a kind that are possible"));
  }
  Known* nothing = nullptr;
  Known* const made = new Known(device, table);
  if (!place->compare_exchange_strong(nothing, made, std::memory_order_acq_rel)) {
    delete made;
    throw base::UsageError("add_device: " + device.str() + " is there already");
  }
}

}  // namespace tensor
