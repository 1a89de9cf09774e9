#include "base/start_threads.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <numeric>

#include "base/parallel.h"

namespace {

std::atomic<std::size_t> told_wanted{0}, told_started{0};

/// While it lives, no thread can be started: each would have a stack larger than the memory's
/// addresses.
class NoThreads {
 public:
  NoThreads() {
    pthread_attr_init(&before_);
    pthread_getattr_default_np(&before_);
    pthread_attr_t huge;
    pthread_attr_init(&huge);
    pthread_attr_setstacksize(&huge, std::size_t{1} << 47);
    usable_ = pthread_setattr_default_np(&huge) == 0;
    pthread_attr_destroy(&huge);
    told_wanted = told_started = 0;
    base::on_thread_shortage([](std::size_t wanted, std::size_t started) {
      told_wanted = wanted;
      told_started = started;
    });
  }
  ~NoThreads() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
    base::on_thread_shortage(nullptr);
    base::set_num_threads(0);
  }
  bool usable() const { return usable_; }

 private:
  pthread_attr_t before_;
  bool usable_;
};

TEST(StartThreads, StartsAsManyAsAskedFor) {
  std::vector<std::thread> threads;
  std::atomic<int> ran{0};
  base::start_threads(threads, 5, [&] { ++ran; });
  EXPECT_EQ(threads.size(), 5u);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ran, 5);
}

TEST(StartThreads, TellsWhenThereAreFewer) {
  const NoThreads none;
  ASSERT_TRUE(none.usable());
  std::vector<std::thread> threads;
  base::start_threads(threads, 3, [] {});
  EXPECT_TRUE(threads.empty());
  EXPECT_EQ(told_wanted, 3u);
  EXPECT_EQ(told_started, 0u);
}

TEST(StartThreads, ALoopDoesWithoutThem) {
  const NoThreads none;
  ASSERT_TRUE(none.usable());
  base::set_num_threads(9);
  for (int turn = 0; turn < 3; ++turn) {
    std::vector<int> values(1000);
    base::parallel_for(1000, 7, [&](int64_t begin, int64_t end) {
      std::iota(values.begin() + begin, values.begin() + end, static_cast<int>(begin));
    });
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(values[static_cast<std::size_t>(i)], i);
  }
  EXPECT_EQ(told_wanted, 8u);
  EXPECT_EQ(base::num_threads(), 9) << "what was set stays set";
}

TEST(StartThreads, CountsAtLeastOneCpu) {
  EXPECT_GE(base::num_cpus(), 1);
  EXPECT_LE(base::num_cpus(), 1 << 16);
}

}  // namespace
