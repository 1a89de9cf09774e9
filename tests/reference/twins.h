// Naive twins: each computes what a kernel computes, in double precision, in the plainest loops
// that the definition allows. Tests compare every kernel with its twin.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "base/random.h"
#include "tensor/activation.h"
#include "tensor/tensor.h"
#include "tests/reference/attention.h"  // attention, attention_backward

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

/// tensor/elementwise.h
inline double gelu(double x) {
  return x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
}

/// tensor/activation.h
inline double activate(double x, tensor::Activation activation) {
  switch (activation) {
    case tensor::Activation::gelu:
      return gelu(x);
    case tensor::Activation::gelu_tanh:
      return x / 2 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    case tensor::Activation::gelu_quick:
      return x / (1 + std::exp(-1.702 * x));
    case tensor::Activation::none:
      break;
  }
  return x;
}

/// tensor/matmul.h, with an f32 weight; bias and residual may be undefined.
inline std::vector<double> matmul(const tensor::Tensor& x, const tensor::Tensor& weight,
                                  const tensor::Tensor& bias = {},
                                  tensor::Activation activation = tensor::Activation::none,
                                  const tensor::Tensor& residual = {}) {
  const int64_t rows = x.dim(0), inputs = x.dim(1), outputs = weight.dim(0);
  std::vector<double> y;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t n = 0; n < outputs; ++n) {
      double value = 0;
      for (int64_t k = 0; k < inputs; ++k) {
        value += double{x.data<float>()[r * inputs + k]} * weight.data<float>()[n * inputs + k];
      }
      if (bias.defined()) value += bias.data<float>()[n];
      value = activate(value, activation);
      if (residual.defined()) value += residual.data<float>()[r * outputs + n];
      y.push_back(value);
    }
  }
  return y;
}

/// tensor/softmax.h: log_softmax_forward; its exponential is softmax_forward.
inline std::vector<double> log_softmax(const tensor::Tensor& x) {
  const int64_t channels = x.dim(-1), rows = x.elements() / channels;
  std::vector<double> y;
  for (int64_t r = 0; r < rows; ++r) {
    const float* row = x.data<float>() + r * channels;
    double largest = row[0], sum = 0;
    for (int64_t c = 0; c < channels; ++c) largest = std::max<double>(largest, row[c]);
    for (int64_t c = 0; c < channels; ++c) sum += std::exp(row[c] - largest);
    for (int64_t c = 0; c < channels; ++c) y.push_back(row[c] - largest - std::log(sum));
  }
  return y;
}

}  // namespace reference
