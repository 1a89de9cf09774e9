#include "metrics/significance.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/error.h"
#include "base/parallel.h"
#include "base/random.h"

namespace metrics {
namespace {

constexpr std::int64_t kRoundsPerChunk = 4;

/// Each round has two streams of random numbers of its own, so that it does not matter which thread
/// computes it.
base::Random draws(std::uint64_t seed, std::int64_t round) {
  return base::Random(seed, 2 * static_cast<std::uint64_t>(round));
}
base::Random coins(std::uint64_t seed, std::int64_t round) {
  return base::Random(seed, 2 * static_cast<std::uint64_t>(round) + 1);
}

/// What each sample adds to the corpus score: its row of statistics, or where the corpus score is a
/// mean a row of one number, its score. One block of memory, because a thousand rounds read it.
class Rows {
 public:
  explicit Rows(const Scores& scores) : scores_(scores), count_(scores.images.size()) {
    width_ = scores.statistics.empty() ? 1 : scores.statistics.front().size();
    values_.reserve(count_ * width_);
    if (scores.statistics.empty()) values_ = scores.images;
    for (const std::vector<double>& row : scores.statistics) {
      values_.insert(values_.end(), row.begin(), row.end());
    }
    if (values_.size() != count_ * width_) {
      throw base::UsageError(base::str("significance: ", values_.size(), " statistics of ", count_,
                                       " samples, expected ", width_, " of each"));
    }
  }

  std::size_t count() const { return count_; }
  std::size_t width() const { return width_; }
  std::span<const double> operator[](std::size_t sample) const {
    return {values_.data() + sample * width_, width_};
  }
  /// The corpus score of as many samples as there are whose rows have this sum.
  double score(std::span<const double> sum) const {
    if (scores_.statistics.empty()) return sum[0] / static_cast<double>(count_);
    return scores_.combine(sum);
  }

 private:
  const Scores& scores_;
  std::size_t count_, width_;
  std::vector<double> values_;
};

void add(std::vector<double>& sum, std::span<const double> row) {
  for (std::size_t i = 0; i < row.size(); ++i) sum[i] += row[i];
}

/// The scores of `rounds` rounds, in parallel.
template <class Round>
std::vector<double> each_round(int rounds, const Round& round) {
  std::vector<double> results(static_cast<std::size_t>(rounds));
  base::parallel_for(rounds, kRoundsPerChunk, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) results[static_cast<std::size_t>(i)] = round(i);
  });
  return results;
}

/// The corpus score of the samples that a round draws.
double redrawn(const Rows& rows, std::uint64_t seed, std::int64_t round) {
  base::Random random = draws(seed, round);
  const auto count = static_cast<std::uint32_t>(rows.count());
  std::vector<double> sum(rows.width());
  for (std::size_t i = 0; i < rows.count(); ++i) add(sum, rows[random.below(count)]);
  return rows.score(sum);
}

/// The value below which the share `quantile` of the values lies, between two of them by
/// interpolation. Values are sorted.
double percentile(const std::vector<double>& values, double quantile) {
  const double position = quantile * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], position - static_cast<double>(below));
}

Interval central(std::vector<double> values, double level) {
  std::sort(values.begin(), values.end());
  return {percentile(values, (1 - level) / 2), percentile(values, (1 + level) / 2)};
}

void check(const char* operation, const Scores& scores, int rounds) {
  if (scores.images.empty()) throw base::UsageError(base::str(operation, ": no samples"));
  if (rounds < 1) {
    throw base::UsageError(base::str(operation, ": ", rounds, " rounds, expected at least 1"));
  }
}

}  // namespace

double score_of(const Scores& scores, std::span<const std::uint32_t> chosen) {
  if (scores.statistics.empty()) {
    std::vector<double> images;
    for (const std::uint32_t i : chosen) images.push_back(scores.images.at(i));
    return mean(images);
  }
  std::vector<double> sum(scores.statistics.front().size());
  for (const std::uint32_t i : chosen) add(sum, scores.statistics.at(i));
  return scores.combine(sum);
}

Interval bootstrap_interval(const Scores& scores, int rounds, std::uint64_t seed, double level) {
  check("bootstrap_interval", scores, rounds);
  if (!(level > 0 && level < 1)) {
    throw base::UsageError(
        base::str("bootstrap_interval: level ", level, ", expected one between 0 and 1"));
  }
  const Rows rows(scores);
  return central(each_round(rounds, [&](std::int64_t round) { return redrawn(rows, seed, round); }),
                 level);
}

PairedTest paired_test(const Scores& a, const Scores& b, int rounds, std::uint64_t seed) {
  check("paired_test", a, rounds);
  const Rows rows_a(a), rows_b(b);
  if (rows_a.count() != rows_b.count() || rows_a.width() != rows_b.width()) {
    throw base::UsageError(base::str("paired_test: ", rows_a.count(), " samples with ",
                                     rows_a.width(), " statistics each against ", rows_b.count(),
                                     " with ", rows_b.width(), ", expected equal numbers"));
  }
  PairedTest test;
  test.difference = b.corpus - a.corpus;
  // A round draws the same pictures for both.
  test.interval =
      central(each_round(rounds,
                         [&](std::int64_t round) {
                           return redrawn(rows_b, seed, round) - redrawn(rows_a, seed, round);
                         }),
              0.95);

  // Were the two equally good, it would not matter which of them wrote which caption: a coin for
  // each picture says whether they swap captions.
  const std::vector<double> shuffled = each_round(rounds, [&](std::int64_t round) {
    base::Random random = coins(seed, round);
    std::vector<double> sum_a(rows_a.width()), sum_b(rows_a.width());
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < rows_a.count(); ++i, bits >>= 1) {
      if (i % 32 == 0) bits = random.bits();
      const bool swap = bits & 1;
      add(sum_a, swap ? rows_b[i] : rows_a[i]);
      add(sum_b, swap ? rows_a[i] : rows_b[i]);
    }
    return rows_b.score(sum_b) - rows_a.score(sum_a);
  });
  // Sums in another order differ in their last bits; a tie is as extreme.
  const double tie = 1e-12 * (std::abs(a.corpus) + std::abs(b.corpus));
  const auto extreme = std::count_if(shuffled.begin(), shuffled.end(), [&](double difference) {
    return std::abs(difference) >= std::abs(test.difference) - tie;
  });
  test.p_value = (1 + static_cast<double>(extreme)) / (1 + static_cast<double>(rounds));
  return test;
}

}  // namespace metrics
