// METEOR's statistics as the 23 numbers that the original prints.
#pragma once

#include <vector>

#include "metrics/meteor.h"

inline std::vector<double> statistics_row(const metrics::MeteorStatistics& s) {
  std::vector<double> row{s.hypothesis_length, s.reference_length, s.hypothesis_function,
                          s.reference_function};
  for (std::size_t i = 0; i < 4; ++i) {
    for (const auto& counts : {s.hypothesis_content_matches, s.reference_content_matches,
                               s.hypothesis_function_matches, s.reference_function_matches}) {
      row.push_back(counts[i]);
    }
  }
  row.insert(row.end(), {s.chunks, s.hypothesis_matched, s.reference_matched});
  return row;
}
