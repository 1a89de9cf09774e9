// The twin of tensor/activation.h and tensor/elementwise.h.
#pragma once

#include <cmath>

#include "tensor/activation.h"
#include "tests/reference/twins.h"

namespace reference {

/// tanh's and the quick GELU, written with the functions of their definitions.
inline double activation(double x, tensor::Activation activation) {
  switch (activation) {
    case tensor::Activation::none:
      return x;
    case tensor::Activation::gelu:
      return gelu(x);
    case tensor::Activation::gelu_tanh:
      return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case tensor::Activation::gelu_quick:
      return x / (1 + std::exp(-1.702 * x));
  }
  return NAN;
}

inline double activation_derivative(double x, tensor::Activation activation) {
  switch (activation) {
    case tensor::Activation::none:
      return 1;
    case tensor::Activation::gelu:
      return std::erfc(-x / std::sqrt(2.0)) / 2 + x * std::exp(-x * x / 2) / std::sqrt(2 * M_PI);
    case tensor::Activation::gelu_tanh: {
      const double slope = std::sqrt(2 / M_PI) * (1 + 3 * 0.044715 * x * x);
      const double t = std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x));
      return (1 + t) / 2 + x / 2 * (1 - t * t) * slope;
    }
    case tensor::Activation::gelu_quick: {
      const double s = 1 / (1 + std::exp(-1.702 * x));
      return s + 1.702 * x * s * (1 - s);
    }
  }
  return NAN;
}

}  // namespace reference
