#include "base/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace {

class Parallel : public testing::Test {
 protected:
  void TearDown() override { base::set_num_threads(0); }
};

TEST_F(Parallel, VisitsEveryIndexExactlyOnce) {
  for (const int threads : {1, 2, 3, 7}) {
    base::set_num_threads(threads);
    for (const int64_t count : {0, 1, 2, 15, 16, 17, 1000}) {
      for (const int64_t grain : {0, 1, 3, 16, 5000}) {
        std::vector<int> visits(static_cast<std::size_t>(count));
        base::parallel_for(count, grain, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
        });
        EXPECT_THAT(visits, testing::Each(1))
            << threads << " threads, " << count << " by " << grain;
      }
    }
  }
}

TEST_F(Parallel, CutsAtTheSamePlacesForAnyNumberOfThreads) {
  using Cuts = std::set<std::pair<int64_t, int64_t>>;
  for (const int threads : {1, 2, 7}) {
    base::set_num_threads(threads);
    Cuts cuts;
    std::mutex mutex;
    base::parallel_for(10, 4, [&](int64_t begin, int64_t end) {
      const std::lock_guard lock(mutex);
      cuts.emplace(begin, end);
    });
    EXPECT_EQ(cuts, (Cuts{{0, 4}, {4, 8}, {8, 10}})) << threads << " threads";
  }
}

TEST_F(Parallel, RunsChunksAtTheSameTime) {
  base::set_num_threads(3);
  std::atomic<int> arrived{0};
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  base::parallel_for(3, 1, [&](int64_t, int64_t) {
    ++arrived;  // and waits for the other two, which one thread alone would never see
    while (arrived < 3 && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    EXPECT_EQ(arrived, 3);
  });
}

TEST_F(Parallel, ThrowsAChunksExceptionAndWorksOn) {
  for (const int threads : {1, 2, 7}) {
    base::set_num_threads(threads);
    for (int turn = 0; turn < 20; ++turn) {
      EXPECT_THROW(base::parallel_for(50, 1,
                                      [](int64_t begin, int64_t) {
                                        if (begin == 7) throw std::out_of_range("seven");
                                      }),
                   std::out_of_range);
      std::atomic<int64_t> sum{0};
      base::parallel_for(50, 1, [&](int64_t begin, int64_t) { sum += begin; });
      EXPECT_EQ(sum, 49 * 50 / 2);
    }
  }
}

TEST_F(Parallel, ALoopInsideAChunkStaysOnItsThread) {
  base::set_num_threads(3);
  std::atomic<int> indices{0};
  base::parallel_for(8, 1, [&](int64_t, int64_t) {
    const std::thread::id outer = std::this_thread::get_id();
    base::parallel_for(10, 1, [&](int64_t begin, int64_t end) {
      EXPECT_EQ(std::this_thread::get_id(), outer);
      indices += static_cast<int>(end - begin);
    });
  });
  EXPECT_EQ(indices, 80);
}

TEST_F(Parallel, ThreadsMayStartLoopsOfTheirOwn) {
  base::set_num_threads(3);
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 100; ++turn) {
        base::parallel_for(100, 7, [&](int64_t begin, int64_t end) { sum += end - begin; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 4 * 100 * 100);
}

TEST_F(Parallel, WritesOfAChunkAreSeenBehindTheLoop) {
  base::set_num_threads(4);
  std::vector<int64_t> values(1000);
  for (int64_t turn = 0; turn < 500; ++turn) {
    base::parallel_for(1000, 10, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) values[static_cast<std::size_t>(i)] += turn;
    });
  }
  EXPECT_THAT(values, testing::Each(499 * 500 / 2));
}

TEST_F(Parallel, TheNumberOfThreadsCanBeSetAndForgotten) {
  const int available = base::num_threads();
  EXPECT_GE(available, 1);
  base::set_num_threads(5);
  EXPECT_EQ(base::num_threads(), 5);
  base::set_num_threads(0);
  EXPECT_EQ(base::num_threads(), available);
}

}  // namespace
