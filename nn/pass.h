// What a forward pass carries through every module besides its values.
#pragma once

#include <string>

#include "tensor/safetensors.h"  // TensorMap

namespace nn {

/// Where a pass leaves its intermediates, by name, when somebody asked for them.
using Trace = tensor::TensorMap;

struct Pass {
  Trace* trace = nullptr;  ///< null: not wanted
  /// Of training: what a model does then alone (dropout) is done. Whether gradients are recorded is
  /// the tape's business.
  bool training = false;

  /// Leaves an intermediate in the trace.
  void leave(const std::string& name, const tensor::Tensor& value) const {
    if (trace) (*trace)[name] = value;
  }
  /// Where an operation writes an intermediate of this name; null: not wanted.
  tensor::Tensor* place(const std::string& name) const { return trace ? &(*trace)[name] : nullptr; }
};

}  // namespace nn
