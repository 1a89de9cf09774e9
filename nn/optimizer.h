// AdamW over the parameters of a module (tensor/optimizer.h has the formulas).
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "nn/module.h"
#include "tensor/optimizer.h"
#include "tensor/safetensors.h"  // TensorMap

namespace nn {

struct AdamwOptions {
  float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f;
  float weight_decay = 0.05f;
  /// Whether biases and the weights of norms (parameters of one axis) decay, too.
  bool decay_vectors = true;
};

class Adamw {
 public:
  /// The parameters must outlive it, and want gradients (UsageError).
  Adamw(std::vector<std::pair<std::string, Parameter*>> parameters, const AdamwOptions& options);

  /// The norm of all gradients as one vector.
  double gradient_norm() const;
  /// One step with the gradients that have gathered, and empties them. Where their norm is above
  /// `max_norm`, they are scaled down to it (Pascanu et al., "On the difficulty of training
  /// recurrent neural networks", ICML 2013). Returns the norm before that. A norm that is no finite
  /// number changes nothing but empties the gradients.
  double step(float learning_rate, double max_norm = std::numeric_limits<double>::infinity());

  int64_t steps() const { return steps_; }
  /// The moments, under "first.<name>" and "second.<name>": what a run needs to go on. They share
  /// memory with the optimiser.
  tensor::TensorMap state() const;
  /// Takes such a state after so many steps. FormatError if tensors are absent, unknown, or of
  /// another shape.
  void restore(const tensor::TensorMap& state, int64_t steps);

 private:
  std::vector<std::pair<std::string, Parameter*>> parameters_;
  AdamwOptions options_;
  std::vector<tensor::AdamwTensor> tensors_;
  int64_t steps_ = 0;
};

}  // namespace nn
