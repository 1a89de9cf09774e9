// BLEU-1 to BLEU-4: the share of a caption's n-grams that stand in a reference, with a penalty for
// brevity. Source: Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine
// Translation" (ACL 2002), with the smoothing constants of the COCO caption toolkit.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "metrics/sample.h"

namespace metrics {

/// The counts that a score is made of; they add up over a corpus.
struct BleuStatistics {
  std::array<std::int64_t, 4> correct{}, total{};  ///< by n - 1: n-grams found in a reference, all
  std::int64_t hypothesis_length = 0;
  std::int64_t reference_length = 0;  ///< of the reference closest in length, the shorter of equals
};

BleuStatistics bleu_statistics(const Sample& sample);
/// BLEU-1, ..., BLEU-4: the geometric mean of (correct + 1e-15) / (total + 1e-9), times
/// exp(1 - 1/ratio) where ratio = (hypothesis_length + 1e-15) / (reference_length + 1e-9) < 1.
std::array<double, 4> bleu_score(const BleuStatistics& statistics);

/// BLEU-1, ..., BLEU-4 of a corpus (of the summed counts) and of each sample.
std::array<Scores, 4> bleu(std::span<const Sample> samples);

}  // namespace metrics
