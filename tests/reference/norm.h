// Twins of tensor/norm.h on doubles: layer normalisation itself, for differences of it, and its
// gradients. They take no statistics from elsewhere.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace reference {

struct LayerNorm {
  std::vector<double> y, mean, rstd;
};

inline LayerNorm layer_norm(const std::vector<double>& x, const std::vector<double>& weight,
                            const std::vector<double>& bias, double eps) {
  const std::size_t channels = weight.size();
  const auto count = static_cast<double>(channels);
  LayerNorm result;
  for (std::size_t row = 0; row < x.size(); row += channels) {
    double mean = 0, variance = 0;
    for (std::size_t c = 0; c < channels; ++c) mean += x[row + c] / count;
    for (std::size_t c = 0; c < channels; ++c) variance += std::pow(x[row + c] - mean, 2) / count;
    const double rstd = 1 / std::sqrt(variance + eps);
    for (std::size_t c = 0; c < channels; ++c) {
      result.y.push_back((x[row + c] - mean) * rstd * weight[c] + bias[c]);
    }
    result.mean.push_back(mean);
    result.rstd.push_back(rstd);
  }
  return result;
}

struct LayerNormGradients {
  std::vector<double> dx, dw, db;
};

inline LayerNormGradients layer_norm_backward(const std::vector<double>& dy,
                                              const std::vector<double>& x,
                                              const std::vector<double>& weight, double eps) {
  const std::size_t channels = weight.size(), rows = x.size() / channels;
  const auto count = static_cast<double>(channels);
  const LayerNorm forward = layer_norm(x, weight, weight, eps);
  LayerNormGradients result{
      .dx = {}, .dw = std::vector<double>(channels), .db = std::vector<double>(channels)};
  for (std::size_t r = 0; r < rows; ++r) {
    const auto normal = [&](std::size_t c) {
      return (x[r * channels + c] - forward.mean[r]) * forward.rstd[r];
    };
    double mean_g = 0, mean_gh = 0;
    for (std::size_t c = 0; c < channels; ++c) {
      const double gradient = dy[r * channels + c];
      result.dw[c] += gradient * normal(c);
      result.db[c] += gradient;
      mean_g += gradient * weight[c] / count;
      mean_gh += gradient * weight[c] * normal(c) / count;
    }
    for (std::size_t c = 0; c < channels; ++c) {
      result.dx.push_back(forward.rstd[r] *
                          (dy[r * channels + c] * weight[c] - mean_g - normal(c) * mean_gh));
    }
  }
  return result;
}

}  // namespace reference
