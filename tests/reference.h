// Naive twins: each computes what a kernel computes, in double precision, in the plainest loops
// that the definition allows. Tests compare every kernel with its twin.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "tensor/tensor.h"

namespace reference {

/// A tensor of normal random numbers, the same for the same seed.
inline tensor::Tensor random(const tensor::Shape& shape, uint64_t seed, float scale = 1) {
  tensor::Tensor result = tensor::Tensor::empty(shape);
  base::Random numbers(seed);
  for (int64_t i = 0; i < result.elements(); ++i) {
    result.data<float>()[i] = scale * static_cast<float>(numbers.normal());
  }
  return result;
}

/// The largest |a - b|, where a NaN or a different length counts as infinite.
inline double max_difference(const tensor::Tensor& a, const std::vector<double>& b) {
  if (a.elements() != static_cast<int64_t>(b.size())) return INFINITY;
  double largest = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double difference = std::abs(double{a.data<float>()[i]} - b[i]);
    if (!(difference <= largest)) largest = std::isnan(difference) ? INFINITY : difference;
  }
  return largest;
}

/// tensor/norm.h
inline std::vector<double> layer_norm(const tensor::Tensor& x, const tensor::Tensor& weight,
                                      const tensor::Tensor& bias, double eps) {
  const int64_t channels = x.dim(-1), rows = x.elements() / channels;
  std::vector<double> y;
  for (int64_t r = 0; r < rows; ++r) {
    const float* row = x.data<float>() + r * channels;
    double mean = 0, variance = 0;
    for (int64_t c = 0; c < channels; ++c) mean += row[c];
    mean /= static_cast<double>(channels);
    for (int64_t c = 0; c < channels; ++c) variance += (row[c] - mean) * (row[c] - mean);
    variance /= static_cast<double>(channels);
    for (int64_t c = 0; c < channels; ++c) {
      y.push_back((row[c] - mean) / std::sqrt(variance + eps) * weight.data<float>()[c] +
                  bias.data<float>()[c]);
    }
  }
  return y;
}

}  // namespace reference
