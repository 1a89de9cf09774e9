// The twins of tensor/softmax.h and tensor/cross_entropy.h, on rows of `channels` values.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/index.h"  // kIgnoredLabel
#include "tests/reference/gradient.h"

namespace reference {

inline double log_sum_exp(const double* x, std::size_t channels) {
  const double largest = *std::max_element(x, x + channels);
  double sum = 0;
  for (std::size_t c = 0; c < channels; ++c) sum += std::exp(x[c] - largest);
  return largest + std::log(sum);
}

inline Values log_softmax(const Values& x, std::size_t channels) {
  Values y = x;
  for (std::size_t row = 0; row < y.size(); row += channels) {
    const double log_sum = log_sum_exp(x.data() + row, channels);
    for (std::size_t c = 0; c < channels; ++c) y[row + c] -= log_sum;
  }
  return y;
}

inline Values softmax(const Values& x, std::size_t channels) {
  Values y = log_softmax(x, channels);
  for (double& value : y) value = std::exp(value);
  return y;
}

inline Values softmax_backward(const Values& dy, const Values& y, std::size_t channels) {
  Values dx;
  for (std::size_t row = 0; row < y.size(); row += channels) {
    double product = 0;
    for (std::size_t c = row; c < row + channels; ++c) product += dy[c] * y[c];
    for (std::size_t c = row; c < row + channels; ++c) dx.push_back(y[c] * (dy[c] - product));
  }
  return dx;
}

inline Values log_softmax_backward(const Values& dy, const Values& y, std::size_t channels) {
  Values dx;
  for (std::size_t row = 0; row < y.size(); row += channels) {
    double sum = 0;
    for (std::size_t c = row; c < row + channels; ++c) sum += dy[c];
    for (std::size_t c = row; c < row + channels; ++c) dx.push_back(dy[c] - std::exp(y[c]) * sum);
  }
  return dx;
}

using Labels = std::vector<int64_t>;

/// nll of each row, then smooth of each row.
inline Values cross_entropy(const Values& logits, const Labels& labels, std::size_t classes) {
  const Values y = log_softmax(logits, classes);
  Values nll, smooth;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    const bool ignored = labels[r] == tensor::kIgnoredLabel;
    const double* row = y.data() + r * classes;
    nll.push_back(ignored ? 0 : -row[labels[r]]);
    smooth.push_back(
        ignored ? 0 : -std::accumulate(row, row + classes, 0.0) / static_cast<double>(classes));
  }
  nll.insert(nll.end(), smooth.begin(), smooth.end());
  return nll;
}

/// dy: the gradients of nll, then of smooth.
inline Values cross_entropy_backward(const Values& dy, const Values& logits, const Labels& labels,
                                     std::size_t classes) {
  const Values p = softmax(logits, classes);
  const std::size_t rows = labels.size();
  Values dlogits(p.size(), 0.0);
  for (std::size_t r = 0; r < rows; ++r) {
    if (labels[r] == tensor::kIgnoredLabel) continue;
    for (std::size_t v = 0; v < classes; ++v) {
      const double hit = static_cast<int64_t>(v) == labels[r] ? 1 : 0;
      dlogits[r * classes + v] = dy[r] * (p[r * classes + v] - hit) +
                                 dy[rows + r] * (p[r * classes + v] - 1.0 / double(classes));
    }
  }
  return dlogits;
}

}  // namespace reference
