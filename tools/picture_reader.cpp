#include "tools/picture_reader.h"

#include <algorithm>

#include "base/parallel.h"

namespace tools {

PictureReader::PictureReader(std::size_t count, std::size_t ahead,
                             std::function<tensor::Tensor(std::size_t)> read)
    : count_(count), ahead_(std::max<std::size_t>(1, ahead)), read_(std::move(read)) {
  // With a large model the queue is always full and these threads sleep; with a small one decoding
  // is most of the work, and one thread would leave the other cores idle.
  constexpr std::size_t kMost = 4;
  const auto cpus = static_cast<std::size_t>(base::num_threads());
  const std::size_t threads = std::min({kMost, cpus, count_, ahead_});
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

PictureReader::~PictureReader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::optional<ReadPicture> PictureReader::next() {
  std::unique_lock lock(mutex_);
  if (given_ == count_) return std::nullopt;
  changed_.wait(lock, [&] { return done_.count(given_) > 0; });
  ReadPicture picture = std::move(done_.at(given_));
  done_.erase(given_++);
  lock.unlock();
  changed_.notify_all();
  return picture;
}

void PictureReader::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stop_ || taken_ == count_ || taken_ < given_ + ahead_; });
    if (stop_ || taken_ == count_) return;
    ReadPicture picture{.index = taken_++, .pixel_values = {}, .error = {}};
    lock.unlock();
    try {
      picture.pixel_values = read_(picture.index);
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

}  // namespace tools
