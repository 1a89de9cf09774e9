// A progress bar on stderr, where that is a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace tools {

class Progress {
 public:
  /// Shows nothing if stderr is no terminal or `total` is 1 or less. Colours unless NO_COLOR is
  /// set.
  explicit Progress(std::size_t total);
  /// Removes the bar.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Takes the bar off the terminal, so that other lines can be written; show() brings it back.
  void hide();
  void show(std::size_t done);

 private:
  const std::size_t total_;
  const bool active_, colour_;
  const std::chrono::steady_clock::time_point start_;
  std::size_t width_ = 0;  ///< columns that are written at the moment
};

}  // namespace tools
