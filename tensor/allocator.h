// Memory for tensors. Freed blocks are kept and handed out again, because a forward pass asks for
// the same sizes over and over and the system's allocator would map and clear large blocks each
// time.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>

namespace tensor {

struct AllocatorStatistics {
  std::size_t in_use = 0;        ///< bytes of live blocks
  std::size_t peak = 0;          ///< the largest `in_use` so far
  std::size_t cached = 0;        ///< bytes of free blocks that are kept
  std::size_t requests = 0;      ///< calls of allocate
  std::size_t system_calls = 0;  ///< requests that no cached block could serve
};

/// Blocks are aligned to 64 bytes (a cache line and a vector register). Safe to use from several
/// threads.
class CachingAllocator {
 public:
  /// `get` returns memory aligned to 64 bytes or null, `give_back` takes it back.
  CachingAllocator(void* (*get)(std::size_t), void (*give_back)(void*))
      : get_(get), give_back_(give_back) {}
  ~CachingAllocator() { trim(); }
  CachingAllocator(const CachingAllocator&) = delete;
  CachingAllocator& operator=(const CachingAllocator&) = delete;

  /// A block of at least `size` bytes, content not set; std::bad_alloc if there is none.
  void* allocate(std::size_t size);
  /// Takes a block back and keeps it.
  void free(void* block);
  /// Returns all cached blocks to the system.
  void trim();
  AllocatorStatistics statistics() const;

 private:
  void* (*get_)(std::size_t);
  void (*give_back_)(void*);
  mutable std::mutex mutex_;
  std::multimap<std::size_t, void*> cache_;  // capacity -> block
  std::map<void*, std::size_t> live_;        // block -> capacity
  AllocatorStatistics statistics_;
};

/// The one of the CPU.
CachingAllocator& cpu_allocator();

}  // namespace tensor
