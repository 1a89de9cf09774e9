// Pictures are decoded and resized ahead of the model, in threads of their own.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tensor/tensor.h"

namespace tools {

/// What became of one input: pixels for the model, or why there are none.
struct ReadPicture {
  std::size_t index = 0;
  tensor::Tensor pixel_values;  ///< [1, 3, height, width]; undefined: skipped, or an error
  std::string error;
};

/// Reads pictures 0 .. count-1 in the background and hands them over in order.
class PictureReader {
 public:
  /// `read(i)` makes picture i's pixel values (undefined: skip this one); an exception it throws
  /// becomes the picture's error. It is called from several threads. At most `ahead` pictures are
  /// in work or waiting, which bounds the memory. Where the system grants no threads, next() reads.
  PictureReader(std::size_t count, std::size_t ahead,
                std::function<tensor::Tensor(std::size_t)> read);
  /// Drops what was not asked for.
  ~PictureReader();
  PictureReader(const PictureReader&) = delete;
  PictureReader& operator=(const PictureReader&) = delete;

  /// The next picture, waiting for it; nothing after the last.
  std::optional<ReadPicture> next();

 private:
  void work();
  ReadPicture read(std::size_t index) const;

  const std::size_t count_, ahead_;
  const std::function<tensor::Tensor(std::size_t)> read_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::optional<ReadPicture>> done_;  ///< picture i at i modulo `ahead`
  std::size_t taken_ = 0;                         ///< the next picture that a thread reads
  std::size_t given_ = 0;                         ///< the next picture that next() returns
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tools
