// How time grows with the size of the input, for tests of what must not become quadratic.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <limits>

namespace growth {

/// CPU time of work().
template <class Work>
double seconds(const Work& work) {
  const std::clock_t begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

/// Time of large() by time of small(), each the least of several runs: what other programs do to
/// this machine makes single runs longer, never shorter. The two take turns, so that a slow minute
/// meets both, until the quotient is below the limit or further runs would hardly change it: never
/// after less than three rounds, because one slow run of small() would hide what is slow in
/// large().
template <class Small, class Large>
double quotient(const Small& small, const Large& large, double limit) {
  constexpr int kFewest = 3, kMost = 20;
  double least_small = std::numeric_limits<double>::infinity(), least_large = least_small;
  for (int round = 1; round <= kMost; ++round) {
    least_small = std::min(least_small, seconds(small));
    least_large = std::min(least_large, seconds(large));
    if (round >= kFewest && least_large < limit * least_small) break;
  }
  return least_large / least_small;
}

/// Between linear time's 4 and quadratic time's 16: caches that a larger input no longer fits into
/// cost a factor, not four.
inline constexpr double kLinear = 9;

/// Time for 4 * size by time for `size`: about 4 if it is linear, 16 if it is quadratic. `size`
/// should take a millisecond or a few: long against what the clock tells apart, and short enough
/// that some runs end undisturbed, with their data in the caches.
template <class Work>
double of_fourfold(const Work& work, std::size_t size) {
  return quotient([&] { work(size); }, [&] { work(4 * size); }, kLinear);
}

}  // namespace growth
