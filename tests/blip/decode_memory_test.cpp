// What a decode loop asks the system for. Counted are all calls of operator new in this program, by
// whatever thread, and the blocks that the tensors' allocator had no cached one for. Not counted is
// what C functions ask for by themselves (there is none in the loop that is known to).
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "base/parallel.h"
#include "tensor/allocator.h"
#include "tests/blip/tiny_text_decoder.h"

namespace {

std::atomic<std::size_t> calls_of_new{0};

#ifndef BLIP_SANITIZED  // sanitizers look at all memory with an operator new of their own

void* counted(std::size_t bytes, std::size_t alignment) {
  ++calls_of_new;
  void* const block =
      alignment ? std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment)
                : std::malloc(std::max<std::size_t>(1, bytes));
  if (!block) throw std::bad_alloc();
  return block;
}

// Not inlined, or gcc 12 takes the blocks for those of its own operator new.
[[gnu::noinline]] void release(void* block) {
  std::free(block);
}

#endif
}  // namespace

#ifndef BLIP_SANITIZED
// The forms that are not here call one of these.
void* operator new(std::size_t bytes) {
  return counted(bytes, 0);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t) noexcept {
  release(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  release(block);
}
#endif

namespace {

using tensor::Tensor;

std::size_t system_allocations() {
  return calls_of_new + tensor::allocator(tensor::Device::cpu()).statistics().system_calls;
}

/// A decoder that notes, whenever it is asked for a step, how much the system was asked for by
/// then.
class Watched : public nn::Decoder {
 public:
  explicit Watched(nn::Decoder& decoder) : decoder_(decoder) { at_steps.reserve(64); }
  Tensor prefill(std::span<const std::vector<int64_t>> prompts, const Tensor& prefix) override {
    return decoder_.prefill(prompts, prefix);
  }
  Tensor step(std::span<const int64_t> ids, std::span<const int32_t> parents) override {
    at_steps.push_back(system_allocations());
    return decoder_.step(ids, parents);
  }
  int64_t max_length() const override { return decoder_.max_length(); }

  std::vector<std::size_t> at_steps;

 private:
  nn::Decoder& decoder_;
};

/// How much was asked for from each step to the next, search and decoder together.
std::vector<std::size_t> between_steps(const nn::GenerationOptions& options) {
  const TinyTextDecoder tiny;
  blip::CaptionDecoder decoder(tiny.model, blip::Var(tiny.pictures), options.max_new_tokens);
  Watched watched(decoder);
  nn::generate(watched, std::vector<std::vector<int64_t>>{{1}, {1, 4}, {1}}, options);
  std::vector<std::size_t> differences;
  for (std::size_t i = 1; i < watched.at_steps.size(); ++i) {
    differences.push_back(watched.at_steps[i] - watched.at_steps[i - 1]);
  }
  return differences;
}

// With several threads, how many of a loop's chunks are worked on at once is a matter of luck, and
// so is how much memory they need at once.
class DecodeMemory : public testing::Test {
 protected:
  void SetUp() override {
#ifdef BLIP_SANITIZED
    GTEST_SKIP() << "sanitizers have an operator new of their own";
#endif
    base::set_num_threads(1);
  }
  void TearDown() override {
    base::set_num_threads(0);
  }
};

TEST_F(DecodeMemory, GreedyDecodingAsksTheSystemForNothingAfterItsFirstStep) {
  const std::vector<std::size_t> asked =
      between_steps({.max_new_tokens = 12, .eos_token_id = 99});  // no row ends
  ASSERT_EQ(asked.size(), 10u);
  for (std::size_t i = 1; i < asked.size(); ++i) EXPECT_EQ(asked[i], 0u) << "step " << i + 1;
}

TEST_F(DecodeMemory, IsCounted) {
  system_allocations();  // makes the allocator
  const std::size_t before = system_allocations();
  // By name: the compiler may leave out a pair of new and delete.
  ::operator delete(::operator new(4));
  EXPECT_EQ(system_allocations(), before + 1);
  ::operator delete(::operator new(128, std::align_val_t(128)), std::align_val_t(128));
  EXPECT_EQ(system_allocations(), before + 2);
  const Tensor large = Tensor::empty({1 << 20});
  EXPECT_GT(system_allocations(), before + 2);
}

}  // namespace
