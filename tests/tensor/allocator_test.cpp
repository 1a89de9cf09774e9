#include "tensor/allocator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "tests/errors.h"

namespace {

using tensor::CachingAllocator;
using tensor::Device;
using tensor::Tensor;

// What the system below the allocator under test saw.
int blocks_out = 0;
std::size_t bytes_left = 0;

void* get(Device, std::size_t size) {
  if (size > bytes_left) return nullptr;
  ++blocks_out;
  return std::aligned_alloc(64, size);
}
void give_back(Device, void* block) {
  --blocks_out;
  std::free(block);
}

constexpr tensor::MemoryKernels kSystem{
    .allocate = get, .free = give_back, .copy = nullptr, .fill = nullptr, .wait = nullptr};

class Allocator : public testing::Test {
 protected:
  void SetUp() override {
    blocks_out = 0;
    bytes_left = SIZE_MAX;
  }
  CachingAllocator allocator_{kSystem, Device::cpu()};
};

TEST_F(Allocator, BlocksAreAlignedAndDistinct) {
  std::vector<void*> blocks;
  for (const std::size_t size : {0, 1, 63, 64, 65, 5000, 100000}) {
    void* block = allocator_.allocate(size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 64, 0u) << size;
    for (const void* other : blocks) EXPECT_NE(block, other);
    blocks.push_back(block);
  }
  for (void* block : blocks) allocator_.free(block);
}

TEST_F(Allocator, ABlockHoldsWhatWasAskedForAndLittleMore) {
  std::vector<void*> blocks;
  for (std::size_t size = 1; size < 3000000; size += 1 + size / 7) {
    const std::size_t before = allocator_.statistics().in_use;
    blocks.push_back(allocator_.allocate(size));
    const std::size_t capacity = allocator_.statistics().in_use - before;
    EXPECT_GE(capacity, size);
    EXPECT_LE(capacity, std::max(size + 63, size + size / 16)) << size;
    EXPECT_EQ(capacity % 64, 0u);
  }
  for (void* block : blocks) allocator_.free(block);
}

TEST_F(Allocator, AFreedBlockServesTheNextRequestOfItsSize) {
  void* const first = allocator_.allocate(100000);
  allocator_.free(first);
  void* const second = allocator_.allocate(99000);
  EXPECT_EQ(first, second);
  // A block is not spent on a request that would waste more than a quarter of it.
  allocator_.free(second);
  void* const small = allocator_.allocate(1000);
  EXPECT_NE(small, first);
  allocator_.free(small);
  EXPECT_EQ(allocator_.statistics().requests, 3u);
  EXPECT_EQ(allocator_.statistics().system_calls, 2u);
}

TEST_F(Allocator, StatisticsFollowTheBlocks) {
  void* const a = allocator_.allocate(64);
  void* const b = allocator_.allocate(128);
  EXPECT_EQ(allocator_.statistics().in_use, 192u);
  allocator_.free(a);
  EXPECT_EQ(allocator_.statistics().in_use, 128u);
  EXPECT_EQ(allocator_.statistics().cached, 64u);
  EXPECT_EQ(allocator_.statistics().peak, 192u);
  allocator_.free(b);
  allocator_.trim();
  EXPECT_EQ(allocator_.statistics().cached, 0u);
  EXPECT_EQ(blocks_out, 0);
}

TEST_F(Allocator, GoesWithoutItsCacheBeforeItGivesUp) {
  allocator_.free(allocator_.allocate(4096));
  bytes_left = 1000;
  EXPECT_EQ(error_of<base::MemoryError>([&] { allocator_.allocate(100000); }),
            "cpu: not enough memory for 100000 bytes; 0 in use, 0 cached, limit none");
  EXPECT_EQ(
      error_of<base::MemoryError>([&] { allocator_.allocate(SIZE_MAX); }),
      "cpu: not enough memory for 18446744073709551615 bytes; 0 in use, 0 cached, limit none");
  EXPECT_EQ(allocator_.statistics().in_use, 0u);
  EXPECT_EQ(blocks_out, 0);
}

TEST_F(Allocator, KeepsToItsLimit) {
  allocator_.set_limit(10240);
  void* const a = allocator_.allocate(4096);
  allocator_.free(allocator_.allocate(2048));
  EXPECT_EQ(allocator_.statistics().cached, 2048u);
  // Room is made of cached blocks first.
  void* const b = allocator_.allocate(6144);
  EXPECT_EQ(allocator_.statistics().cached, 0u);
  EXPECT_EQ(error_of<base::MemoryError>([&] { allocator_.allocate(1); }),
            "cpu: not enough memory for 1 bytes; 10240 in use, 0 cached, limit 10240");
  allocator_.free(b);
  EXPECT_EQ(error_of<base::MemoryError>([&] { allocator_.allocate(7000); }),
            "cpu: not enough memory for 7000 bytes; 4096 in use, 0 cached, limit 10240");
  // A lower one sends cached blocks back at once, live ones when they are freed.
  allocator_.free(allocator_.allocate(6144));
  allocator_.set_limit(1024);
  EXPECT_EQ(allocator_.statistics().in_use, 4096u);
  EXPECT_EQ(allocator_.statistics().cached, 0u);
  allocator_.free(a);
  EXPECT_EQ(allocator_.statistics().cached, 0u);
  EXPECT_EQ(blocks_out, 0);
}

TEST_F(Allocator, ReturnsEverythingAtItsEnd) {
  {
    CachingAllocator allocator(kSystem, Device::cpu());
    allocator.free(allocator.allocate(64));
    allocator.free(allocator.allocate(640));
    EXPECT_EQ(blocks_out, 2);
  }
  EXPECT_EQ(blocks_out, 0);
}

/// A system that hands out addresses without memory: the allocator does not touch a block.
std::size_t held_now = 0, held_at_most = 0;
std::map<void*, std::size_t> sizes;

void* pretend(Device, std::size_t size) {
  static uintptr_t next = 4096;
  void* const block = reinterpret_cast<void*>(next);
  next += size;
  sizes[block] = size;
  held_now += size;
  held_at_most = std::max(held_at_most, held_now);
  return block;
}
void stop_pretending(Device, void* block) {
  held_now -= sizes.at(block);
  sizes.erase(block);
}

/// Training steps on captions of any length: forward keeps what backward reads, backward frees it
/// again and has temporaries of its own. All sizes are multiples of the step's rows.
class RaggedTraining {
 public:
  explicit RaggedTraining(CachingAllocator& allocator) : allocator_(allocator) {}

  void step(std::size_t rows) {
    constexpr std::size_t kChannels = 768, kVocabulary = 30524, kLayers = 12;
    std::vector<Block> kept;
    for (std::size_t layer = 0; layer < kLayers; ++layer) {
      for (const std::size_t width : {1, 3, 1, 1, 4, 4, 1}) {
        kept.push_back(allocate(4 * rows * kChannels * width));
        free(allocate(4 * rows * kChannels * width + 128));  // packed rows
      }
      kept.push_back(allocate(4 * rows));
    }
    const Block logits = allocate(4 * rows * kVocabulary);
    free(allocate(4 * rows * kVocabulary));
    free(logits);
    Block gradient = allocate(4 * rows * kChannels);
    while (!kept.empty()) {
      const Block next = allocate(kept.back().size);
      free(gradient);
      free(kept.back());
      kept.pop_back();
      gradient = next;
    }
    free(gradient);
  }
  std::size_t asked_at_most() const { return asked_at_most_; }

 private:
  struct Block {
    void* place;
    std::size_t size;
  };
  Block allocate(std::size_t size) {
    asked_ += size;
    asked_at_most_ = std::max(asked_at_most_, asked_);
    return {allocator_.allocate(size), size};
  }
  void free(Block block) {
    asked_ -= block.size;
    allocator_.free(block.place);
  }

  CachingAllocator& allocator_;
  std::size_t asked_ = 0, asked_at_most_ = 0;
};

TEST(AllocatorOfRaggedTraining, HoldsLittleMoreThanWasAskedForAtOnce) {
  constexpr tensor::MemoryKernels kPretended{.allocate = pretend,
                                             .free = stop_pretending,
                                             .copy = nullptr,
                                             .fill = nullptr,
                                             .wait = nullptr};
  CachingAllocator allocator(kPretended, Device::cpu());
  std::vector<void*> weights;
  for (int i = 0; i < 12; ++i) weights.push_back(allocator.allocate(1 << 20));
  RaggedTraining training(allocator);
  std::mt19937 random(7);
  std::uniform_int_distribution<std::size_t> rows(64, 640);
  for (int i = 0; i < 2000; ++i) training.step(rows(random));
  const std::size_t asked = training.asked_at_most() + (weights.size() << 20);
  EXPECT_GT(held_at_most, asked);
  EXPECT_LT(static_cast<double>(held_at_most), 1.3 * static_cast<double>(asked));
  // ... and few requests reach the system.
  const tensor::AllocatorStatistics statistics = allocator.statistics();
  EXPECT_LT(statistics.system_calls, statistics.requests / 50);
  for (void* weight : weights) allocator.free(weight);
  allocator.trim();
  EXPECT_EQ(held_now, 0u);
}

TEST(AllocatorOfTheHost, IsSafeFromSeveralThreads) {
  const std::size_t before = tensor::allocator(Device::cpu()).statistics().in_use;
  std::vector<std::thread> threads;
  std::vector<int> damaged(4, 0);
  for (std::size_t t = 0; t < damaged.size(); ++t) {
    threads.emplace_back([t, &damaged] {
      for (int i = 0; i < 200; ++i) {
        Tensor mine = Tensor::empty({1 + i % 7, 100}, tensor::DType::i32);
        const auto value = static_cast<int32_t>(t * 1000) + i;
        for (int64_t j = 0; j < mine.elements(); ++j) mine.data<int32_t>()[j] = value;
        for (const int32_t found : mine.span<int32_t>()) damaged[t] += found != value;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : damaged) EXPECT_EQ(count, 0);
  EXPECT_EQ(tensor::allocator(Device::cpu()).statistics().in_use, before);
}

}  // namespace
