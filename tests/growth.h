// How time grows with the size of the input, for tests of what must not become quadratic.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <limits>

namespace growth {

/// CPU time of work(size), the least of three runs: what other programs do to this machine makes
/// single runs longer, never shorter.
template <class Work>
double seconds(const Work& work, std::size_t size) {
  double least = std::numeric_limits<double>::infinity();
  for (int run = 0; run < 3; ++run) {
    const std::clock_t begin = std::clock();
    work(size);
    least = std::min(least, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  return least;
}

/// Time for 4 * size by time for `size`: about 4 if it is linear, 16 if it is quadratic. `size`
/// should take some milliseconds; what takes less counts as one.
template <class Work>
double of_fourfold(const Work& work, std::size_t size) {
  return seconds(work, 4 * size) / std::max(seconds(work, size), 1e-3);
}

/// Between the two: caches that a larger input no longer fits into cost a factor, not four.
inline constexpr double kLinear = 9;

}  // namespace growth
