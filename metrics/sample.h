// What every metric takes and gives: captions in, numbers out.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace metrics {

/// One picture: the caption to judge, and what people wrote about the same picture. Metrics take
/// tokens joined by single spaces: caption_tokens() of tokens.h made them, or, to compare with
/// figures computed on raw strings, nothing did.
struct Sample {
  std::string hypothesis;
  std::vector<std::string> references;  ///< at least one
};

/// How one metric scored a set of samples.
struct Scores {
  double corpus = 0;           ///< of the whole set
  std::vector<double> images;  ///< of each sample, in the order given

  /// What the corpus score is made of, so that it can be had for any choice of samples
  /// (significance.h): row i belongs to sample i, and `combine` makes a score of a sum of rows.
  /// Empty: the corpus score is the mean of `images`.
  std::vector<std::vector<double>> statistics;
  std::function<double(std::span<const double>)> combine;
};

/// The arithmetic mean, summed from the front; 0 of nothing.
double mean(std::span<const double> values);
/// Each sample's score, computed in parallel, and as corpus score their mean.
Scores mean_scores(std::span<const Sample> samples,
                   const std::function<double(const Sample&)>& score);

/// UsageError, which begins with the metric's name, for a sample without references.
void require_references(const Sample& sample, const char* metric);

}  // namespace metrics
