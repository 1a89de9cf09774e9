#include "metrics/english/perceptron.h"

#include <algorithm>
#include <cmath>

namespace metrics::english {

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

std::vector<std::int8_t> AveragedPerceptron::quantized_average() const {
  const double examples = static_cast<double>(std::max<std::int64_t>(examples_, 1));
  std::vector<double> averages(weights_.size());
  double largest = 1;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    averages[i] = weights_[i] - static_cast<double>(lag_[i]) / examples;
    largest = std::max(largest, std::abs(averages[i]));
  }
  std::vector<std::int8_t> quantized(averages.size());
  std::transform(averages.begin(), averages.end(), quantized.begin(), [&](double average) {
    return static_cast<std::int8_t>(std::lround(average / largest * 127));
  });
  return quantized;
}

}  // namespace metrics::english
