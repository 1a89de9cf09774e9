// What attention modules share: a place for intermediates, and the memory of a decoder.
#pragma once

#include <span>

#include "nn/layers.h"
#include "tensor/safetensors.h"  // TensorMap

namespace nn {

/// Where a forward pass leaves its intermediates, by name, when somebody asked for them.
using Trace = tensor::TensorMap;

/// The keys and values of the tokens that a decoder layer has read: for each row of the batch,
/// `capacity` places. How many are filled is kept once for all layers, by the decoder.
class KeyValueCache {
 public:
  KeyValueCache() = default;
  /// Memory for the longest row, allocated once.
  KeyValueCache(int64_t rows, int64_t capacity, int64_t channels);

  /// Writes k and v [rows, T, channels] to places starts[r] .. starts[r] + T of row r.
  void write(const Var& k, const Var& v, std::span<const int32_t> starts);
  /// New row r is old row parents[r].
  void reorder(std::span<const int32_t> parents);

  const tensor::Tensor& keys() const { return keys_; }
  const tensor::Tensor& values() const { return values_; }
  int64_t capacity() const { return keys_.dim(1); }

 private:
  tensor::Tensor keys_, values_;  // [rows, capacity, channels]
};

}  // namespace nn
