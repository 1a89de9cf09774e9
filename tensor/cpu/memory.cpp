#include "tensor/memory.h"

#include <cstdlib>
#include <cstring>

namespace tensor::cpu {
namespace {

constexpr std::size_t kAlignment = 64;  // a cache line, and the widest vector register

void* allocate(Device, std::size_t bytes) {
  return std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
}

void free(Device, void* block) {
  std::free(block);
}

void copy(void* to, Device, const void* from, Device, std::size_t bytes) {
  std::memcpy(to, from, bytes);
}

void fill(Device, void* to, std::byte value, std::size_t bytes) {
  std::memset(to, std::to_integer<int>(value), bytes);
}

void wait(Device) {}  // operations return when they are done

}  // namespace

constinit const MemoryKernels memory{
    .allocate = allocate, .free = free, .copy = copy, .fill = fill, .wait = wait};

}  // namespace tensor::cpu
