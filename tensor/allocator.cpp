#include "tensor/allocator.h"

#include <algorithm>
#include <bit>

namespace tensor {
namespace {

/// Sixteen sizes between a power of two and the next (at most 1/16 is wasted), all multiples of 64
/// bytes: few enough that a freed block soon meets a request of its size.
std::size_t size_class(std::size_t size) {
  const std::size_t step = std::max<std::size_t>(64, std::bit_floor(size) / 16);
  if (size > SIZE_MAX - step) return size;  // more than there is anywhere
  return std::max<std::size_t>(1, (size + step - 1) / step) * step;
}

/// How much may be held where `wanted` bytes were needed at once. Phases with other sizes need some
/// room each, or every one would send the blocks of the one before it back.
std::size_t bound(std::size_t wanted) {
  return wanted + wanted / 4 + (std::size_t{1} << 20);
}

}  // namespace

void* CachingAllocator::allocate(std::size_t size) {
  const std::size_t wanted = size_class(size);
  const std::lock_guard lock(mutex_);
  ++statistics_.requests;
  wanted_at_once_ = std::max(wanted_at_once_, wanted_now_ + wanted);
  // A block that fits closely; or a looser one rather than more memory than the bound.
  void* block = take_cached(wanted, wanted + wanted / 4);
  if (!block && total() + wanted > bound(wanted_at_once_)) block = take_cached(wanted, 4 * wanted);
  if (!block) block = get_new(size, wanted);
  wanted_now_ += wanted;
  return block;
}

/// The smallest cached block of `wanted` to `most` bytes, made live, or null.
void* CachingAllocator::take_cached(std::size_t wanted, std::size_t most) {
  const auto found = cache_.lower_bound(wanted);
  if (found == cache_.end() || found->first > most) return nullptr;
  const std::size_t capacity = found->first;
  void* block = found->second.back().block;
  live_.emplace(block, Live{.capacity = capacity, .wanted = wanted});
  found->second.pop_back();
  if (found->second.empty()) cache_.erase(found);
  statistics_.cached -= capacity;
  statistics_.in_use += capacity;
  statistics_.peak = std::max(statistics_.peak, statistics_.in_use);
  return block;
}

void* CachingAllocator::get_new(std::size_t size, std::size_t wanted) {
  ++statistics_.system_calls;
  const std::size_t most = std::min(limit_, bound(wanted_at_once_));
  give_back_until(most > wanted ? most - wanted : 0);
  void* block = nullptr;
  if (wanted <= limit_ && statistics_.in_use <= limit_ - wanted) {
    block = memory_.allocate(device_, wanted);
    // The system may have room once the cache is gone.
    if (!block && give_back_oldest()) {
      give_back_until(0);
      block = memory_.allocate(device_, wanted);
    }
  }
  if (!block) {
    throw base::MemoryError(base::str(device_.str(), ": not enough memory for ", size, " bytes; ",
                                      statistics_.in_use, " in use, ", statistics_.cached,
                                      " cached, limit ",
                                      limit_ == SIZE_MAX ? "none" : base::str(limit_)));
  }
  live_.emplace(block, Live{.capacity = wanted, .wanted = wanted});
  statistics_.in_use += wanted;
  statistics_.peak = std::max(statistics_.peak, statistics_.in_use);
  return block;
}

void CachingAllocator::free(void* block) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(block);
  const Live live = found->second;
  live_.erase(found);
  cache_[live.capacity].push_back({.block = block, .freed = frees_++});
  wanted_now_ -= live.wanted;
  statistics_.in_use -= live.capacity;
  statistics_.cached += live.capacity;
  give_back_until(limit_);
}

/// Sends cached blocks back, the longest unused first, until at most `most` bytes are held.
void CachingAllocator::give_back_until(std::size_t most) {
  while (total() > most && give_back_oldest()) {
  }
}

/// False if there is none.
bool CachingAllocator::give_back_oldest() {
  const auto oldest = std::min_element(cache_.begin(), cache_.end(), [](auto& a, auto& b) {
    return a.second.front().freed < b.second.front().freed;
  });
  if (oldest == cache_.end()) return false;
  memory_.free(device_, oldest->second.front().block);
  statistics_.cached -= oldest->first;
  oldest->second.erase(oldest->second.begin());
  if (oldest->second.empty()) cache_.erase(oldest);
  return true;
}

void CachingAllocator::trim() {
  const std::lock_guard lock(mutex_);
  give_back_until(0);
  wanted_at_once_ = wanted_now_;
}

void CachingAllocator::set_limit(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  limit_ = bytes;
  give_back_until(limit_);
}

AllocatorStatistics CachingAllocator::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

}  // namespace tensor
