#include "tensor/allocator.h"

#include <cstdlib>
#include <new>

namespace tensor {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t round_up(std::size_t size) {
  const std::size_t unit = size < 65536 ? kAlignment : 4096;
  return (size + unit - 1) / unit * unit;
}

}  // namespace

void* CachingAllocator::allocate(std::size_t size) {
  const std::size_t wanted = round_up(size > 0 ? size : 1);
  const std::lock_guard lock(mutex_);
  ++statistics_.requests;
  void* block = nullptr;
  std::size_t capacity = wanted;
  // The smallest cached block that fits, unless it would waste more than a quarter.
  const auto found = cache_.lower_bound(wanted);
  if (found != cache_.end() && found->first <= wanted + wanted / 4) {
    capacity = found->first;
    block = found->second;
    cache_.erase(found);
    statistics_.cached -= capacity;
  } else {
    ++statistics_.system_calls;
    block = get_(wanted);
    if (!block) {  // give back what is cached and try once more
      for (const auto& [size_of_block, cached] : cache_) give_back_(cached);
      cache_.clear();
      statistics_.cached = 0;
      block = get_(wanted);
      if (!block) throw std::bad_alloc();
    }
  }
  live_.emplace(block, capacity);
  statistics_.in_use += capacity;
  if (statistics_.in_use > statistics_.peak) statistics_.peak = statistics_.in_use;
  return block;
}

void CachingAllocator::free(void* block) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(block);
  const std::size_t capacity = found->second;
  live_.erase(found);
  cache_.emplace(capacity, block);
  statistics_.in_use -= capacity;
  statistics_.cached += capacity;
}

void CachingAllocator::trim() {
  const std::lock_guard lock(mutex_);
  for (const auto& [capacity, block] : cache_) give_back_(block);
  cache_.clear();
  statistics_.cached = 0;
}

AllocatorStatistics CachingAllocator::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

CachingAllocator& cpu_allocator() {
  // Never destroyed: tensors with static lifetime may outlive any static object.
  static auto& allocator =
      *new CachingAllocator([](std::size_t size) { return std::aligned_alloc(kAlignment, size); },
                            [](void* block) { std::free(block); });
  return allocator;
}

}  // namespace tensor
