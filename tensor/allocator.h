// Memory for the tensors of one device. Freed blocks are kept and handed out again, because a
// forward pass asks for the same sizes over and over, and the system would map and clear large
// blocks each time. A training step asks for other sizes each time (rows are ragged), so what is
// kept is bounded by what was needed at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "tensor/memory.h"

namespace tensor {

struct AllocatorStatistics {
  std::size_t in_use = 0;        ///< bytes of live blocks
  std::size_t peak = 0;          ///< the largest `in_use` so far
  std::size_t cached = 0;        ///< bytes of free blocks that are kept
  std::size_t requests = 0;      ///< calls of allocate
  std::size_t system_calls = 0;  ///< requests that no cached block could serve
};

/// Safe to use from several threads.
class CachingAllocator {
 public:
  CachingAllocator(const MemoryKernels& memory, Device device) : memory_(memory), device_(device) {}
  ~CachingAllocator() { trim(); }
  CachingAllocator(const CachingAllocator&) = delete;
  CachingAllocator& operator=(const CachingAllocator&) = delete;

  /// A block of at least `size` bytes, content not set, aligned as the device's memory is (64 bytes
  /// or more). MemoryError if the device has no room or the limit allows no more.
  void* allocate(std::size_t size);
  /// Takes a block back and keeps it.
  void free(void* block);
  /// Returns all cached blocks to the system: between phases that need different sizes.
  void trim();
  /// The most bytes that live and cached blocks may have together; none at first. Cached blocks
  /// beyond it go back at once, live ones stay.
  void set_limit(std::size_t bytes);
  AllocatorStatistics statistics() const;

 private:
  struct Live {
    std::size_t capacity, wanted;
  };
  struct Cached {
    void* block;
    uint64_t freed;  // when, counted in calls of free
  };

  void* take_cached(std::size_t wanted, std::size_t most);
  void* get_new(std::size_t size, std::size_t wanted);
  void give_back_until(std::size_t total);
  bool give_back_oldest();
  std::size_t total() const { return statistics_.in_use + statistics_.cached; }

  const MemoryKernels& memory_;
  const Device device_;
  mutable std::mutex mutex_;
  // What the books below are made of: every call changes them, and must not ask the system either.
  std::pmr::unsynchronized_pool_resource nodes_;
  // By capacity; the last freed is the first used.
  std::pmr::map<std::size_t, std::pmr::vector<Cached>> cache_{&nodes_};
  std::pmr::unordered_map<void*, Live> live_{&nodes_};
  std::size_t limit_ = SIZE_MAX;
  std::size_t wanted_now_ = 0, wanted_at_once_ = 0;  // size classes of live blocks; since trim()
  uint64_t frees_ = 0;
  AllocatorStatistics statistics_;
};

/// That of a device, made with it; DeviceError if there is no such device.
CachingAllocator& allocator(Device device);

}  // namespace tensor
