// The activation functions that operations apply to each element.
#pragma once

#include <cstdint>

namespace tensor {

/// | activation | value at x                                                             |
/// |------------|------------------------------------------------------------------------|
/// | none       | x                                                                      |
/// | gelu       | x Phi(x) = x/2 (1 + erf(x / sqrt 2)) (Hendrycks and Gimpel, 2016)      |
/// | gelu_tanh  | x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), their approximation     |
/// | gelu_quick | x sigmoid(1.702 x), their other approximation; CLIP's ("quick_gelu")   |
enum class Activation : uint8_t { none, gelu, gelu_tanh, gelu_quick };

}  // namespace tensor
