#include "data/prefetch.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/parallel.h"
#include "base/start_threads.h"

namespace data {
namespace {

/// Keeps to words that need no memory where there is none left.
void set_error(FinishedPicture& picture, const char* error) noexcept {
  try {
    picture.error = error;
  } catch (const std::bad_alloc&) {
    picture.error = "no memory";
  }
}

}  // namespace

PrefetchQueue::PrefetchQueue(std::size_t count, std::size_t ahead,
                             std::function<void(std::size_t)> work)
    : count_(count),
      ahead_(std::max<std::size_t>(1, ahead)),
      work_(std::move(work)),
      done_(std::min(ahead_, count_)) {
  // With a large model the queue is always full and these threads sleep; with a small one decoding
  // is most of the work, and one thread would leave the other cores idle.
  constexpr std::size_t kMost = 4;
  const auto cpus = static_cast<std::size_t>(base::num_threads());
  const std::size_t threads = std::min({kMost, cpus, count_, ahead_});
  base::start_threads(threads_, threads, [this] { this->work(); });
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
  if (threads_.empty()) return finished(given_++);
  std::optional<FinishedPicture>& done = done_[given_ % done_.size()];
  changed_.wait(lock, [&] { return done.has_value(); });
  std::optional<FinishedPicture> picture = std::exchange(done, std::nullopt);
  ++given_;
  lock.unlock();
  changed_.notify_all();
  return picture;
}

void PrefetchQueue::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stop_ || taken_ == count_ || taken_ < given_ + ahead_; });
    if (stop_ || taken_ == count_) return;
    const std::size_t index = taken_++;
    lock.unlock();
    FinishedPicture picture = finished(index);
    lock.lock();
    done_[index % done_.size()] = std::move(picture);  // allocates nothing
    changed_.notify_all();
  }
}

FinishedPicture PrefetchQueue::finished(std::size_t index) const {
  FinishedPicture picture{.index = index, .error = {}};
  try {
    work_(index);
  } catch (const std::bad_alloc&) {
    set_error(picture, "not enough memory for this picture");
  } catch (const std::exception& error) {
    set_error(picture, error.what());
  }
  return picture;
}

}  // namespace data
