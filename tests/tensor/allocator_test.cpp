#include "tensor/allocator.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <new>
#include <thread>
#include <vector>

#include "tensor/tensor.h"

namespace {

using tensor::CachingAllocator;

// What the system below the allocator under test saw.
int blocks_out = 0;
std::size_t bytes_left = 0;

void* get(std::size_t size) {
  if (size > bytes_left) return nullptr;
  ++blocks_out;
  return std::aligned_alloc(64, size);
}
void give_back(void* block) {
  --blocks_out;
  std::free(block);
}

class Allocator : public testing::Test {
 protected:
  void SetUp() override {
    blocks_out = 0;
    bytes_left = SIZE_MAX;
  }
};

TEST_F(Allocator, BlocksAreAlignedAndDistinct) {
  CachingAllocator allocator(get, give_back);
  std::vector<void*> blocks;
  for (const std::size_t size : {0, 1, 63, 64, 65, 5000, 100000}) {
    void* block = allocator.allocate(size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 64, 0u) << size;
    for (const void* other : blocks) EXPECT_NE(block, other);
    blocks.push_back(block);
  }
  for (void* block : blocks) allocator.free(block);
}

TEST_F(Allocator, AFreedBlockServesTheNextRequestOfItsSize) {
  CachingAllocator allocator(get, give_back);
  void* const first = allocator.allocate(100000);
  allocator.free(first);
  void* const second = allocator.allocate(99000);
  EXPECT_EQ(first, second);
  // A block is not spent on a request that would waste more than a quarter of it.
  allocator.free(second);
  void* const small = allocator.allocate(1000);
  EXPECT_NE(small, first);
  allocator.free(small);
  EXPECT_EQ(allocator.statistics().requests, 3u);
  EXPECT_EQ(allocator.statistics().system_calls, 2u);
}

TEST_F(Allocator, StatisticsFollowTheBlocks) {
  CachingAllocator allocator(get, give_back);
  void* const a = allocator.allocate(64);
  void* const b = allocator.allocate(128);
  EXPECT_EQ(allocator.statistics().in_use, 192u);
  allocator.free(a);
  EXPECT_EQ(allocator.statistics().in_use, 128u);
  EXPECT_EQ(allocator.statistics().cached, 64u);
  EXPECT_EQ(allocator.statistics().peak, 192u);
  allocator.free(b);
  allocator.trim();
  EXPECT_EQ(allocator.statistics().cached, 0u);
  EXPECT_EQ(blocks_out, 0);
}

TEST_F(Allocator, GoesWithoutItsCacheBeforeItGivesUp) {
  CachingAllocator allocator(get, give_back);
  allocator.free(allocator.allocate(4096));
  bytes_left = 1000;
  EXPECT_THROW(allocator.allocate(100000), std::bad_alloc);
  EXPECT_EQ(allocator.statistics().cached, 0u);
  EXPECT_EQ(allocator.statistics().in_use, 0u);
  EXPECT_EQ(blocks_out, 0);
}

TEST_F(Allocator, ReturnsEverythingAtItsEnd) {
  {
    CachingAllocator allocator(get, give_back);
    allocator.free(allocator.allocate(64));
    allocator.free(allocator.allocate(640));
    EXPECT_EQ(blocks_out, 2);
  }
  EXPECT_EQ(blocks_out, 0);
}

TEST_F(Allocator, IsSafeFromSeveralThreads) {
  const std::size_t before = tensor::cpu_allocator().statistics().in_use;
  std::vector<std::thread> threads;
  std::vector<int> damaged(4, 0);
  for (std::size_t t = 0; t < damaged.size(); ++t) {
    threads.emplace_back([t, &damaged] {
      for (int i = 0; i < 200; ++i) {
        tensor::Tensor mine = tensor::Tensor::empty({1 + i % 7, 100}, tensor::DType::i32);
        const auto value = static_cast<int32_t>(t * 1000) + i;
        for (int64_t j = 0; j < mine.elements(); ++j) mine.data<int32_t>()[j] = value;
        for (const int32_t found : mine.span<int32_t>()) damaged[t] += found != value;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : damaged) EXPECT_EQ(count, 0);
  EXPECT_EQ(tensor::cpu_allocator().statistics().in_use, before);
}

}  // namespace
