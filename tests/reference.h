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
#include "tensor/attention.h"
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

/// tensor/attention.h
struct Attention {
  std::vector<double> out, probabilities;
};
inline Attention attention(const tensor::HeadRows& q, const tensor::HeadRows& k,
                           const tensor::HeadRows& v, const tensor::AttentionShape& shape) {
  const auto at = [](std::span<const int32_t> numbers, int64_t i, int64_t otherwise) {
    return numbers.empty() ? otherwise : numbers[static_cast<std::size_t>(i)];
  };
  const auto row = [&](const tensor::HeadRows& rows, int64_t sequence, int64_t t, int64_t head) {
    return rows.tensor.data<float>() + rows.offset + sequence * rows.sequence_stride +
           t * rows.row_stride + head * shape.head_dim;
  };
  Attention result;
  result.out.resize(
      static_cast<std::size_t>(shape.sequences * shape.queries * shape.heads * shape.head_dim));
  for (int64_t s = 0; s < shape.sequences; ++s) {
    const int64_t keys = at(shape.key_sequence, s, s),
                  length = at(shape.key_lengths, keys, shape.keys);
    for (int64_t h = 0; h < shape.heads; ++h) {
      for (int64_t i = 0; i < shape.queries; ++i) {
        int64_t visible = length;
        if (shape.causal) visible = std::min(length, at(shape.query_start, s, 0) + i + 1);
        std::vector<double> weight(static_cast<std::size_t>(shape.keys), 0.0);
        double largest = -INFINITY, sum = 0;
        for (int64_t j = 0; j < visible; ++j) {
          double score = 0;
          for (int64_t d = 0; d < shape.head_dim; ++d) {
            score += double{row(q, s, i, h)[d]} * row(k, keys, j, h)[d];
          }
          weight[static_cast<std::size_t>(j)] = score * shape.scale;
          largest = std::max(largest, score * shape.scale);
        }
        for (int64_t j = 0; j < visible; ++j) {
          double& w = weight[static_cast<std::size_t>(j)];
          sum += w = std::exp(w - largest);
        }
        double* out =
            result.out.data() + ((s * shape.queries + i) * shape.heads + h) * shape.head_dim;
        for (int64_t j = 0; j < visible; ++j) {
          double& w = weight[static_cast<std::size_t>(j)];
          w /= sum;
          for (int64_t d = 0; d < shape.head_dim; ++d) out[d] += w * row(v, keys, j, h)[d];
        }
        result.probabilities.insert(result.probabilities.end(), weight.begin(), weight.end());
      }
    }
  }
  return result;
}

}  // namespace reference
