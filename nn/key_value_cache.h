// The memory of a decoder: keys and values of the tokens that one of its layers has read.
#pragma once

#include "autograd/var.h"

namespace nn {

/// For each row of the batch `capacity` places. How many are filled is kept once for all layers, by
/// the decoder. It lies outside of the graph: writing while a tape records is a UsageError.
class KeyValueCache {
 public:
  KeyValueCache() = default;
  /// Memory for the longest row, allocated once.
  KeyValueCache(int64_t rows, int64_t capacity, int64_t channels);

  /// Writes k and v [rows, T, channels], or [rows * T, channels], to the given places: row r of k
  /// and v to places[r] = row * capacity + position, i32 [rows * T].
  void write(const autograd::Var& k, const autograd::Var& v, const tensor::Tensor& places);
  /// New row r is old row parents[r], i32.
  void reorder(const tensor::Tensor& parents);

  const tensor::Tensor& keys() const { return keys_; }
  const tensor::Tensor& values() const { return values_; }
  int64_t capacity() const { return keys_.dim(1); }

 private:
  tensor::Tensor keys_, values_;  // [rows, capacity, channels]
};

}  // namespace nn
