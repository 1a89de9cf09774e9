// How varied a set of captions is, whatever the pictures show.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace metrics {

struct Diversity {
  std::int64_t captions = 0, words = 0;
  std::int64_t vocabulary = 0;  ///< different words
  double mean_length = 0;       ///< words a caption
  std::int64_t shortest = 0, longest = 0;
  std::int64_t distinct_captions = 0;
  std::array<double, 4>
      distinct{};  ///< distinct-n: different n-grams over all n-grams (Li et al. 2016)
  /// The share of a caption's n-grams (n = 4; its words where it has fewer than 4) that it has said
  /// before, the mean over captions: loops show here.
  double self_repetition = 0;
};

/// Of captions whose words are separated by spaces.
Diversity diversity(std::span<const std::string> captions);

}  // namespace metrics
