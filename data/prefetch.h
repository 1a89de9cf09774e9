// Pictures are made ready ahead of the model, in threads of their own, and handed over in order.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace data {

/// What became of one picture, by its number. What was made of it lies with who made it.
struct FinishedPicture {
  std::size_t index = 0;
  std::string error;  ///< why there is none; empty: it is ready
};

/// Works on pictures 0 .. count-1 in the background and says in order when each is finished.
class PrefetchQueue {
 public:
  /// `work(i)` makes picture i ready; an exception it throws becomes the picture's error. It is
  /// called from several threads. At most `ahead` pictures are in work or waiting, which bounds the
  /// memory. Where the system grants no threads, next() works.
  PrefetchQueue(std::size_t count, std::size_t ahead, std::function<void(std::size_t)> work);
  /// Drops what was not taken.
  ~PrefetchQueue();
  PrefetchQueue(const PrefetchQueue&) = delete;
  PrefetchQueue& operator=(const PrefetchQueue&) = delete;

  /// The next picture, waiting for it; nothing after the last.
  std::optional<FinishedPicture> next();

 private:
  void work();
  FinishedPicture finished(std::size_t index) const;

  const std::size_t count_, ahead_;
  const std::function<void(std::size_t)> work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::optional<FinishedPicture>> done_;  ///< picture i at i modulo `ahead`
  std::size_t taken_ = 0;                             ///< the next picture that a thread works on
  std::size_t given_ = 0;                             ///< the next picture that next() returns
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

/// One picture and what was made of it.
template <class T>
struct Prefetched {
  std::size_t index = 0;
  T value;  ///< T() if there is an error
  std::string error;
};

/// The same with a value for each picture: `read(i)` makes it, next() hands it over. T is whatever
/// the caller makes of a picture: its pixels, a tensor.
template <class T>
class Prefetch {
 public:
  Prefetch(std::size_t count, std::size_t ahead, std::function<T(std::size_t)> read)
      : slots_(std::max<std::size_t>(1, ahead) + 1),
        queue_(count, ahead, [this, read = std::move(read)](std::size_t i) {
          slots_[i % slots_.size()].value = read(i);
        }) {}

  std::optional<Prefetched<T>> next() {
    std::optional<FinishedPicture> picture = queue_.next();
    if (!picture) return std::nullopt;
    T& slot = slots_[picture->index % slots_.size()].value;
    return Prefetched<T>{.index = picture->index,
                         .value = std::exchange(slot, T()),
                         .error = std::move(picture->error)};
  }

 private:
  struct Slot {
    T value{};
  };

  /// A picture's value lies in slot i % size until next() has handed it over. With one slot more
  /// than pictures ahead, no thread works on the slot that next() is emptying.
  std::vector<Slot> slots_;
  PrefetchQueue queue_;  // last, so that its threads end before the slots do
};

}  // namespace data
