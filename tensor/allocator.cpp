#include "tensor/allocator.h"

#include <algorithm>
#include <bit>
#include <new>

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
  auto entry = cache_.lower_bound(wanted);
  while (entry != cache_.end() && entry->first <= most && !entry->second) ++entry;
  if (entry == cache_.end() || entry->first > most) return nullptr;
  void* memory = entry->second;
  Block& block = blocks_.at(memory);
  entry->second = block.next;
  block.wanted = wanted;
  statistics_.cached -= block.capacity;
  statistics_.in_use += block.capacity;
  statistics_.peak = std::max(statistics_.peak, statistics_.in_use);
  return memory;
}

void* CachingAllocator::get_new(std::size_t size, std::size_t wanted) {
  ++statistics_.system_calls;
  const std::size_t most = std::min(limit_, bound(wanted_at_once_));
  give_back_until(most > wanted ? most - wanted : 0);
  void* memory = get_from_system(wanted);
  if (!memory) {
    throw base::MemoryError(base::str(device_.str(), ": not enough memory for ", size, " bytes; ",
                                      statistics_.in_use, " in use, ", statistics_.cached,
                                      " cached, limit ",
                                      limit_ == SIZE_MAX ? "none" : base::str(limit_)));
  }
  try {
    cache_.try_emplace(wanted);
    blocks_.emplace(memory, Block{.capacity = wanted, .wanted = wanted});
  } catch (const std::bad_alloc&) {
    memory_.free(device_, memory);
    throw;
  }
  statistics_.in_use += wanted;
  statistics_.peak = std::max(statistics_.peak, statistics_.in_use);
  return memory;
}

/// Null if the limit or the system allows no more.
void* CachingAllocator::get_from_system(std::size_t wanted) {
  if (wanted > limit_ || statistics_.in_use > limit_ - wanted) return nullptr;
  void* memory = memory_.allocate(device_, wanted);
  // The system may have room once the cache is gone.
  if (!memory && give_back_oldest()) {
    give_back_until(0);
    memory = memory_.allocate(device_, wanted);
  }
  return memory;
}

void CachingAllocator::free(void* memory) noexcept {
  const std::lock_guard lock(mutex_);
  Block& block = blocks_.at(memory);
  void*& last = cache_.at(block.capacity);
  block.next = last;
  block.freed = frees_++;
  last = memory;
  wanted_now_ -= block.wanted;
  statistics_.in_use -= block.capacity;
  statistics_.cached += block.capacity;
  give_back_until(limit_);
}

/// Sends cached blocks back, the longest unused first, until at most `most` bytes are held.
void CachingAllocator::give_back_until(std::size_t most) {
  while (total() > most && give_back_oldest()) {
  }
}

/// False if there is none.
bool CachingAllocator::give_back_oldest() {
  void** oldest = nullptr;  // what points to it
  uint64_t freed = UINT64_MAX;
  for (auto& [capacity, last] : cache_) {
    void** link = &last;
    if (!*link) continue;
    for (void** next = link; *next; next = &blocks_.at(*next).next) link = next;  // the first freed
    if (blocks_.at(*link).freed < freed) {
      freed = blocks_.at(*link).freed;
      oldest = link;
    }
  }
  if (!oldest) return false;
  void* memory = *oldest;
  *oldest = nullptr;
  statistics_.cached -= blocks_.at(memory).capacity;
  blocks_.erase(memory);
  memory_.free(device_, memory);
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
