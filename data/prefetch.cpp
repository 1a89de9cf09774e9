#include "data/prefetch.h"

#include <algorithm>

#include "base/parallel.h"

namespace data {

PrefetchQueue::PrefetchQueue(std::size_t count, std::size_t ahead,
                             std::function<void(std::size_t)> work)
    : count_(count), ahead_(std::max<std::size_t>(1, ahead)), work_(std::move(work)) {
  // With a large model the queue is always full and these threads sleep; with a small one decoding
  // is most of the work, and one thread would leave the other cores idle.
  constexpr std::size_t kMost = 4;
  const auto cpus = static_cast<std::size_t>(base::num_threads());
  const std::size_t threads = std::min({kMost, cpus, count_, ahead_});
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { this->work(); });
}

PrefetchQueue::~PrefetchQueue() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::optional<FinishedPicture> PrefetchQueue::next() {
  std::unique_lock lock(mutex_);
  if (given_ == count_) return std::nullopt;
  changed_.wait(lock, [&] { return done_.count(given_) > 0; });
  FinishedPicture picture = std::move(done_.at(given_));
  done_.erase(given_++);
  lock.unlock();
  changed_.notify_all();
  return picture;
}

void PrefetchQueue::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stop_ || taken_ == count_ || taken_ < given_ + ahead_; });
    if (stop_ || taken_ == count_) return;
    FinishedPicture picture{.index = taken_++, .error = {}};
    lock.unlock();
    try {
      work_(picture.index);
    } catch (const std::bad_alloc&) {
      picture.error = "not enough memory for this picture";
    } catch (const std::exception& error) {
      picture.error = error.what();
    }
    lock.lock();
    done_.emplace(picture.index, std::move(picture));
    changed_.notify_all();
  }
}

}  // namespace data
