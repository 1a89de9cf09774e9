// How far a score can be trusted: bootstrap confidence intervals, and whether one result file is
// better than another or merely luckier. Sources: Efron and Tibshirani, "An Introduction to the
// Bootstrap" (1993); Koehn, "Statistical Significance Tests for Machine Translation Evaluation"
// (EMNLP 2004); Noreen's approximate randomisation (1989).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metrics/sample.h"

namespace metrics {

/// The corpus score of the samples with these numbers (repetition allowed).
double score_of(const Scores& scores, std::span<const std::uint32_t> chosen);

struct Interval {
  double low = 0, high = 0;
};

/// The central `level` (0.95) of the corpus scores of `rounds` sets drawn with replacement: the
/// percentile interval. Same seed, same interval, for any number of threads.
Interval bootstrap_interval(const Scores& scores, int rounds, std::uint64_t seed,
                            double level = 0.95);

struct PairedTest {
  double difference = 0;  ///< corpus score of b minus that of a
  Interval interval;      ///< 95 % of the differences over paired bootstrap sets
  double p_value = 1;  ///< two-sided, of approximate randomisation: (1 + as extreme) / (1 + rounds)
};

/// Two result files on the same pictures in the same order. UsageError if their numbers differ.
PairedTest paired_test(const Scores& a, const Scores& b, int rounds, std::uint64_t seed);

}  // namespace metrics
