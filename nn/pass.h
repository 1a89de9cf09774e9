// What a forward pass carries through every module besides its values.
#pragma once

#include "base/error.h"          // str
#include "tensor/safetensors.h"  // TensorMap

namespace nn {

/// Where a pass leaves its intermediates, by name, when somebody asked for them.
using Trace = tensor::TensorMap;

struct Pass {
  Trace* trace = nullptr;  ///< null: not wanted
  /// Of training: what a model does then alone (dropout) is done. Whether gradients are recorded is
  /// the tape's business.
  bool training = false;

  /// Leaves an intermediate in the trace. A name is given in parts, which are joined if there is a
  /// trace to keep it.
  template <class... Parts>
  void leave(const tensor::Tensor& value, const Parts&... name) const {
    if (trace) (*trace)[base::str(name...)] = value;
  }
  /// Where an operation writes an intermediate of this name; null: not wanted.
  template <class... Parts>
  tensor::Tensor* place(const Parts&... name) const {
    return trace ? &(*trace)[base::str(name...)] : nullptr;
  }
};

}  // namespace nn
