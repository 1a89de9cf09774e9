// The memory of a decoder: keys and values of the tokens that one of its layers has read.
#pragma once

#include "autograd/var.h"

namespace nn {

/// Tokens lie in the order in which they were read, whatever row they belong to, and never move: a
/// row is a list of places (tensor::AttentionShape::key_table), so that rows with a common
/// beginning share it and beams change places at no cost. It lies outside of the graph: appending
/// while a tape records is a UsageError.
class KeyValueCache {
 public:
  /// Room for `places` tokens of `channels` keys and values each.
  KeyValueCache(int64_t places, int64_t channels);

  /// Makes room for so many more tokens than there are, if it isn't there.
  void reserve(int64_t more);
  /// Puts k and v [n, channels], or of as many elements, behind what is there: places size() ...
  void append(const autograd::Var& k, const autograd::Var& v);

  int64_t size() const { return size_; }
  const tensor::Tensor& keys() const { return keys_; }
  const tensor::Tensor& values() const { return values_; }

 private:
  tensor::Tensor keys_, values_;  // [places, channels], the first size_ of them filled
  int64_t size_ = 0;
};

}  // namespace nn
