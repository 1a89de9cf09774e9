// ROUGE-L: how long a sequence of words caption and reference have in common, gaps allowed.
// Source: Lin, "ROUGE: A Package for Automatic Evaluation of Summaries" (2004).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "metrics/sample.h"

namespace metrics {

/// Cuts at every single space, as Python's text.split(" "): unlike in the other metrics an empty
/// caption is one word (the empty one), and two spaces have an empty word between them. The views
/// point into `text`.
std::vector<std::string_view> split_at_spaces(std::string_view text);

/// With LCS the longest common subsequence in words: P = max LCS / hypothesis length, R = max
/// LCS / reference length, each over the references, and (1 + b^2) P R / (R + b^2 P), b = 1.2.
double rouge_l(const Sample& sample);
/// Corpus: the mean over samples.
Scores rouge_l(std::span<const Sample> samples);

}  // namespace metrics
