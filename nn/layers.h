// The layers that everything is made of.
#pragma once

#include <memory>

#include "nn/module.h"
#include "nn/pass.h"
#include "tensor/activation.h"

namespace nn {

using tensor::Activation;

/// What is learnt beside a weight W that stays as it is: W + scale b a, two thin matrices instead
/// of one large one (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022).
struct LowRank {
  Parameter a;        ///< [rank, inputs]
  Parameter b;        ///< [outputs, rank]
  float scale = 1;    ///< alpha / rank
  float dropout = 0;  ///< of what enters a, when training
};

/// y = activation(x weight^T + bias + low rank) + residual; weight [outputs, inputs], bias
/// [outputs].
class Linear : public Module {
 public:
  Linear(int64_t inputs, int64_t outputs) : inputs_(inputs), outputs_(outputs) {}
  Var operator()(const Var& x, const Pass& pass, Activation activation = Activation::none,
                 const Var& residual = {}) const;
  void visit(Visitor& visitor) override;

  int64_t inputs() const { return inputs_; }
  int64_t outputs() const { return outputs_; }

  Parameter weight, bias;
  /// Null: none. Belongs to an adapter, which lends it, and is no part of the checkpoint.
  std::shared_ptr<const LowRank> low_rank;

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
