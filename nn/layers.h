// The layers that everything is made of.
#pragma once

#include "nn/module.h"
#include "tensor/activation.h"

namespace nn {

using tensor::Activation;

/// y = activation(x weight^T + bias) + residual; weight [outputs, inputs], bias [outputs].
class Linear : public Module {
 public:
  Linear(int64_t inputs, int64_t outputs) : inputs_(inputs), outputs_(outputs) {}
  Var operator()(const Var& x, Activation activation = Activation::none,
                 const Var& residual = {}) const;
  void visit(Visitor& visitor) override;

  Parameter weight, bias;

 private:
  int64_t inputs_, outputs_;
};

/// Normalises the last axis; weight and bias [channels].
class LayerNorm : public Module {
 public:
  LayerNorm(int64_t channels, float eps) : channels_(channels), eps_(eps) {}
  Var operator()(const Var& x) const;
  void visit(Visitor& visitor) override;

  Parameter weight, bias;

 private:
  int64_t channels_;
  float eps_;
};

/// Rows of a table [count, channels] by id.
class Embedding : public Module {
 public:
  Embedding(int64_t count, int64_t channels) : count_(count), channels_(channels) {}
  /// ids i32 [n] -> [n, channels].
  Var operator()(const tensor::Tensor& ids) const;
  void visit(Visitor& visitor) override;

  Parameter weight;

 private:
  int64_t count_, channels_;
};

}  // namespace nn
