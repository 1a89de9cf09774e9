// What DocumentFrequencies of cider.h holds.
#pragma once

#include <cstdint>
#include <vector>

#include "metrics/cider.h"
#include "metrics/ngrams.h"

namespace metrics {

struct DocumentFrequencyTable {
  Words words;
  Ngrams ngrams;
  std::vector<std::int64_t> counts;  ///< by n-gram: pictures whose references have it
  std::int64_t pictures = 0;
  CaptionTokens tokens = CaptionTokens::kUnknown;
};

}  // namespace metrics
