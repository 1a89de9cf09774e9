#include "metrics/english/perceptron.h"

#include <algorithm>
#include <cmath>

#include "metrics/english/unicode.h"

namespace metrics::english {

std::string normalized(std::string_view word) {
  std::string out = lower_ascii(word);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c >= '0' && c <= '9'; }, '0');
  return out;
}

AveragedPerceptron::AveragedPerceptron(int classes, std::size_t rows)
    : classes_(classes),
      rows_(rows),
      weights_(rows + padded(classes)),
      lag_(rows + padded(classes)) {}

void AveragedPerceptron::update(std::span<const Row> features, int changed, std::int32_t amount) {
  const std::int64_t lag = amount * examples_;
  for (const Row row : features) {
    weights_[row + changed] += amount;
    lag_[row + changed] += lag;
  }
}

void AveragedPerceptron::add_average(std::vector<double>& sums) const {
  const double examples = static_cast<double>(std::max<std::int64_t>(examples_, 1));
  sums.resize(weights_.size());
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    sums[i] += weights_[i] - static_cast<double>(lag_[i]) / examples;
  }
}

std::vector<std::int8_t> quantized(const std::vector<double>& weights) {
  double largest = 0;
  for (const double weight : weights) largest = std::max(largest, std::abs(weight));
  std::vector<std::int8_t> bytes(weights.size());
  if (largest == 0) return bytes;
  std::transform(weights.begin(), weights.end(), bytes.begin(), [&](double weight) {
    return static_cast<std::int8_t>(std::lround(weight / largest * 127));
  });
  return bytes;
}

}  // namespace metrics::english
