#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/start_threads.h"

namespace base {
namespace {

/// Tells the processor that this is a waiting loop.
inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

thread_local bool inside_loop = false;

/// One loop under way: threads take chunks by raising `next` until none is left.
struct Loop {
  int64_t count, grain, chunks;
  const RangeFunction& body;
  std::atomic<int64_t> next{0};
  std::mutex failure_mutex;
  std::exception_ptr failure;

  void take_chunks() {
    inside_loop = true;
    for (int64_t chunk; (chunk = next.fetch_add(1, std::memory_order_relaxed)) < chunks;) {
      try {
        body(chunk * grain, std::min(count, (chunk + 1) * grain));
      } catch (...) {
        const std::lock_guard lock(failure_mutex);
        if (!failure) failure = std::current_exception();
        next.store(chunks, std::memory_order_relaxed);
      }
    }
    inside_loop = false;
  }
};

/// Threads that wait for loops. A decode step starts hundreds of short loops, so a worker spins for
/// a while before it sleeps, and a loop waits for those workers only that have come to help: on a
/// busy machine one may wake up when all is done. Where the system grants fewer workers than
/// wanted, those do all.
class Pool {
 public:
  /// Workers do not spin if there are more threads than `cpus`: they would take the time of those
  /// that have work.
  Pool(int workers, int cpus) : wanted_(workers), spins_(workers < cpus ? kSpins : 0) {
    start_threads(threads_, static_cast<std::size_t>(workers), [this] { work(); });
  }

  ~Pool() {
    stop_ = true;
    announce(std::ssize(threads_));
    for (std::thread& thread : threads_) thread.join();
  }

  /// How many workers were asked for; there may be fewer.
  int wanted() const { return wanted_; }

  void run(Loop& loop) {
    open_loop_ = &loop;
    announce(loop.chunks - 1);
    loop.take_chunks();
    // A worker counts itself before it looks for a loop. So either it finds none from here on, or
    // it is waited for. (Both are sequentially consistent.)
    open_loop_ = nullptr;
    for (int spin = 0; helpers_ > 0; ++spin) {
      if (spin < spins_) {
        relax();
      } else {
        std::this_thread::yield();
      }
    }
  }

 private:
  static constexpr int kSpins = 10000;  // about a quarter of a millisecond

  /// Wakes so many workers at least.
  void announce(int64_t helpers) {
    {
      const std::lock_guard lock(mutex_);
      ++generation_;
    }
    if (helpers >= std::ssize(threads_)) {
      wake_.notify_all();
    } else {
      for (int64_t i = 0; i < helpers; ++i) wake_.notify_one();
    }
  }

  void work() {
    uint64_t seen = 0;
    while (true) {
      for (int spin = 0; generation_ == seen && spin < spins_; ++spin) relax();
      if (generation_ == seen) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return generation_ != seen; });
      }
      seen = generation_;
      if (stop_) return;
      ++helpers_;
      if (Loop* loop = open_loop_) loop->take_chunks();
      --helpers_;
    }
  }

  const int wanted_, spins_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> generation_{0};
  std::atomic<Loop*> open_loop_{nullptr};
  std::atomic<int> helpers_{0};
  std::atomic<bool> stop_{false};
};

std::mutex pool_mutex;  // one loop at a time: a second thread's loop waits
std::atomic<int> wanted_threads{0};

Pool& pool() {
  static std::unique_ptr<Pool> instance;
  const int workers = num_threads() - 1;
  if (!instance || instance->wanted() != workers) {
    instance.reset();
    instance = std::make_unique<Pool>(workers, num_cpus());
  }
  return *instance;
}

}  // namespace

int num_threads() {
  const int wanted = wanted_threads;
  return wanted > 0 ? wanted : num_cpus();
}

void set_num_threads(int threads) {
  const std::lock_guard lock(pool_mutex);
  wanted_threads = std::max(0, threads);
}

void parallel_for(int64_t count, int64_t grain, RangeFunction body) {
  if (count <= 0) return;
  grain = std::max<int64_t>(1, grain);
  const int64_t chunks = (count + grain - 1) / grain;
  Loop loop{count, grain, chunks, body, {}, {}, {}};
  if (chunks == 1 || inside_loop || num_threads() == 1) {
    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
      body(chunk * grain, std::min(count, (chunk + 1) * grain));
    }
    return;
  }
  {
    const std::lock_guard lock(pool_mutex);
    pool().run(loop);
  }
  if (loop.failure) std::rethrow_exception(loop.failure);
}

}  // namespace base
