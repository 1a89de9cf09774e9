#include "metrics/sample.h"

#include <cstdint>
#include <numeric>

#include "base/error.h"
#include "base/parallel.h"

namespace metrics {

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Scores mean_scores(std::span<const Sample> samples,
                   const std::function<double(const Sample&)>& score) {
  constexpr std::int64_t kSamplesPerChunk = 16;
  Scores scores;
  scores.images.resize(samples.size());
  base::parallel_for(static_cast<std::int64_t>(samples.size()), kSamplesPerChunk,
                     [&](std::int64_t begin, std::int64_t end) {
                       for (auto i = static_cast<std::size_t>(begin);
                            i < static_cast<std::size_t>(end); ++i) {
                         scores.images[i] = score(samples[i]);
                       }
                     });
  scores.corpus = mean(scores.images);
  return scores;
}

void require_references(const Sample& sample, const char* metric) {
  if (sample.references.empty()) {
    throw base::UsageError(base::str(metric, ": the caption \"", sample.hypothesis.substr(0, 80),
                                     "\" has no references, expected at least one"));
  }
}

}  // namespace metrics
