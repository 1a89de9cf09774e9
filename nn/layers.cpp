#include "nn/layers.h"

#include "autograd/embedding.h"  // embedding
#include "autograd/matmul.h"     // linear
#include "autograd/norm.h"       // layer_norm

namespace nn {

Var Linear::operator()(const Var& x, Activation activation, const Var& residual) const {
  return autograd::linear(x, weight, bias.var(), activation, residual);
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
