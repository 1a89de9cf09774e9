#include "nn/layers.h"

#include "autograd/dropout.h"      // dropout
#include "autograd/elementwise.h"  // activate, add, scale
#include "autograd/embedding.h"    // embedding
#include "autograd/matmul.h"       // linear
#include "autograd/norm.h"         // layer_norm

namespace nn {

Var Linear::operator()(const Var& x, const Pass& pass, Activation activation,
                       const Var& residual) const {
  if (!low_rank) return autograd::linear(x, weight, bias.var(), activation, residual);
  const Var dropped = autograd::dropout(x, pass.dropout(low_rank->dropout, path()));
  const Var narrow = autograd::scale(autograd::linear(dropped, low_rank->a, {}), low_rank->scale);
  // What is added before an activation cannot ride on the matmul's residual, which comes behind it.
  if (activation == Activation::none) {
    const Var added = autograd::linear(narrow, low_rank->b, {}, Activation::none, residual);
    return autograd::linear(x, weight, bias.var(), Activation::none, added);
  }
  const Var added = autograd::linear(narrow, low_rank->b, {});
  const Var y = autograd::activate(autograd::linear(x, weight, bias.var(), Activation::none, added),
                                   activation);
  return residual.defined() ? autograd::add(y, residual) : y;
}

void Linear::visit(Visitor& visitor) {
  visitor("weight", weight, {outputs_, inputs_});
  visitor("bias", bias, {outputs_});
}

Var LayerNorm::operator()(const Var& x) const {
  return autograd::layer_norm(x, weight.var(), bias.var(), eps_);
}

void LayerNorm::visit(Visitor& visitor) {
  visitor("weight", weight, {channels_});
  visitor("bias", bias, {channels_});
}

Var Embedding::operator()(const tensor::Tensor& ids) const {
  return autograd::embedding(weight.var(), ids);
}

void Embedding::visit(Visitor& visitor) {
  visitor("weight", weight, {count_, channels_});
}

}  // namespace nn
