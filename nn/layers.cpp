#include "nn/layers.h"

#include "autograd/embedding.h"  // embedding
#include "autograd/matmul.h"     // linear
#include "autograd/norm.h"       // layer_norm

namespace nn {

Var Linear::operator()(const Var& x, tensor::Activation activation, const Var& residual) const {
  return autograd::linear(x, weight, bias, activation, residual);
}

void Linear::visit(Visitor& visitor) {
  visitor("weight", weight, {outputs_, inputs_});
  visitor("bias", bias.value, {outputs_});
}

Var LayerNorm::operator()(const Var& x) const {
  return autograd::layer_norm(x, weight, bias, eps_);
}

void LayerNorm::visit(Visitor& visitor) {
  visitor("weight", weight.value, {channels_});
  visitor("bias", bias.value, {channels_});
}

Var Embedding::operator()(const tensor::Tensor& ids) const {
  return autograd::embedding(weight, ids);
}

void Embedding::visit(Visitor& visitor) {
  visitor("weight", weight.value, {count_, channels_});
}

}  // namespace nn
