#include "metrics/rouge.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "metrics/lcs.h"

namespace metrics {
std::vector<std::string_view> split_at_spaces(std::string_view text) {
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t space = text.find(' ');
    words.push_back(text.substr(0, space));
    if (space == text.npos) return words;
    text.remove_prefix(space + 1);
  }
}

double rouge_l(const Sample& sample) {
  require_references(sample, "rouge_l");
  constexpr double kBeta2 = 1.2 * 1.2;
  const std::vector<std::string_view> hypothesis = split_at_spaces(sample.hypothesis);
  const CommonSubsequence with_hypothesis(hypothesis);
  double precision = 0, recall = 0;
  for (const std::string& text : sample.references) {
    const std::vector<std::string_view> reference = split_at_spaces(text);
    const auto common = static_cast<double>(with_hypothesis.length(reference));
    precision = std::max(precision, common / static_cast<double>(hypothesis.size()));
    recall = std::max(recall, common / static_cast<double>(reference.size()));
  }
  if (precision == 0) return 0;
  return (1 + kBeta2) * precision * recall / (recall + kBeta2 * precision);
}

Scores rouge_l(std::span<const Sample> samples) {
  return mean_scores(samples, [](const Sample& sample) { return rouge_l(sample); });
}

}  // namespace metrics
