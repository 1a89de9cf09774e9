// What a forward pass carries through every module besides its values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/error.h"          // str
#include "tensor/dropout.h"      // DropoutMask
#include "tensor/safetensors.h"  // TensorMap

namespace nn {

/// Where a pass leaves its intermediates, by name, when somebody asked for them.
using Trace = tensor::TensorMap;

/// Of each row of activations, the sample of the data and the token of the sample that it is of:
/// what dropout's masks hang on. i32 [rows].
struct RowIds {
  tensor::Tensor samples{}, tokens{};
};

struct Pass {
  Trace* trace = nullptr;  ///< null: not wanted
  /// Of training: what a model does then alone (dropout) is done. Whether gradients are recorded is
  /// the tape's business.
  bool training = false;
  uint64_t seed = 0, step = 0;  ///< of dropout, when training
  RowIds rows{};                ///< of the activations at hand, when training

  /// What dropout of this probability takes of the activations that enter the module `path`; its
  /// probability is 0 unless training.
  tensor::DropoutMask dropout(float probability, const std::string& path) const {
    if (!training || probability == 0) return {};
    return {.probability = probability,
            .key = tensor::dropout_key(seed, step, path),
            .samples = rows.samples,
            .tokens = rows.tokens};
  }
  /// The same pass over activations of other rows.
  Pass over(RowIds other) const {
    Pass pass = *this;
    pass.rows = std::move(other);
    return pass;
  }

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
