#include "nn/vit.h"

#include <cmath>

#include "autograd/attention.h"  // attention
#include "autograd/matmul.h"     // linear
#include "autograd/patch.h"      // patches, tokens, interpolate_positions

namespace nn {

using base::str;
using tensor::Activation;

VisionEmbeddings::VisionEmbeddings(const VisionConfig& vision_config) : config(vision_config) {}

Var VisionEmbeddings::operator()(const Var& pixels) const {
  const int64_t patch = config.patch_size, channels = config.hidden_size;
  if (pixels.value.rank() != 4 || pixels.dim(1) != 3 || pixels.dim(2) < patch ||
      pixels.dim(3) < patch || pixels.dim(2) % patch != 0 || pixels.dim(3) % patch != 0) {
    throw base::ShapeError(str("vision encoder: pixel_values is ", pixels.shape().str(),
                               ", expected [B, 3, height, width] in multiples of ", patch));
  }
  const int64_t pictures = pixels.dim(0), height = pixels.dim(2) / patch,
                width = pixels.dim(3) / patch;
  const Var projected =
      autograd::linear(autograd::patches(pixels, patch), patch_projection, patch_bias);
  Var positions = position_embedding.reshape({config.tokens(), channels});
  if (pixels.dim(2) != config.image_size || pixels.dim(3) != config.image_size) {
    positions = autograd::interpolate_positions(positions, height, width);
  }
  return autograd::tokens(projected.reshape({pictures, height * width, channels}), class_embedding,
                          positions);
}

void VisionEmbeddings::visit(Visitor& visitor) {
  const int64_t channels = config.hidden_size, patch = config.patch_size;
  visitor("class_embedding", class_embedding.value, {1, 1, channels});
  visitor("position_embedding", position_embedding.value, {1, config.tokens(), channels});
  visitor("patch_embedding.weight", patch_projection, {channels, 3, patch, patch});
  visitor("patch_embedding.bias", patch_bias.value, {channels});
}

VisionAttention::VisionAttention(const VisionConfig& config)
    : heads(config.num_attention_heads),
      qkv(config.hidden_size, 3 * config.hidden_size),
      projection(config.hidden_size, config.hidden_size) {}

Var VisionAttention::operator()(const Var& x, const Var& residual,
                                tensor::Tensor* probabilities) const {
  const int64_t channels = x.dim(2);
  const Var fused = qkv(x);  // [B, T, 3C]: queries, keys, values beside each other
  const tensor::AttentionShape shape{
      .sequences = x.dim(0),
      .queries = x.dim(1),
      .keys = x.dim(1),
      .heads = heads,
      .head_dim = channels / heads,
      .scale = 1 / std::sqrt(static_cast<float>(channels / heads)),
  };
  const Var mixed =
      autograd::attention({fused}, {fused, channels}, {fused, 2 * channels}, shape, probabilities);
  return projection(mixed, Activation::none, residual);
}

void VisionAttention::visit(Visitor& visitor) {
  visitor("qkv", qkv);
  visitor("projection", projection);
}

VisionMlp::VisionMlp(const VisionConfig& config)
    : fc1(config.hidden_size, config.intermediate_size),
      fc2(config.intermediate_size, config.hidden_size) {}

Var VisionMlp::operator()(const Var& x, const Var& residual) const {
  return fc2(fc1(x, Activation::gelu), Activation::none, residual);
}

void VisionMlp::visit(Visitor& visitor) {
  visitor("fc1", fc1);
  visitor("fc2", fc2);
}

VisionLayer::VisionLayer(const VisionConfig& config)
    : layer_norm1(config.hidden_size, config.layer_norm_eps),
      layer_norm2(config.hidden_size, config.layer_norm_eps),
      self_attn(config),
      mlp(config) {}

Var VisionLayer::operator()(const Var& x, tensor::Tensor* probabilities) const {
  const Var attended = self_attn(layer_norm1(x), x, probabilities);
  return mlp(layer_norm2(attended), attended);
}

void VisionLayer::visit(Visitor& visitor) {
  visitor("layer_norm1", layer_norm1);
  visitor("self_attn", self_attn);
  visitor("layer_norm2", layer_norm2);
  visitor("mlp", mlp);
}

VisionEncoder::VisionEncoder(const VisionConfig& config) {
  for (int64_t i = 0; i < config.num_hidden_layers; ++i) layers.emplace_back(config);
}

void VisionEncoder::visit(Visitor& visitor) {
  visitor("layers", layers);
}

VisionTransformer::VisionTransformer(const VisionConfig& config)
    : embeddings(config),
      encoder(config),
      post_layernorm(config.hidden_size, config.layer_norm_eps) {}

Var VisionTransformer::operator()(const Var& pixels, Trace* trace) const {
  Var x = embeddings(pixels);
  if (trace) (*trace)["vision.hidden.0"] = x.value;
  for (std::size_t i = 0; i < encoder.layers.size(); ++i) {
    x = encoder.layers[i](x, trace ? &(*trace)[str("vision.attention.", i)] : nullptr);
    if (trace) (*trace)[str("vision.hidden.", i + 1)] = x.value;
  }
  x = post_layernorm(x);
  if (trace) (*trace)["vision.last_hidden_state"] = x.value;
  return x;
}

void VisionTransformer::visit(Visitor& visitor) {
  visitor("embeddings", embeddings);
  visitor("encoder", encoder);
  visitor("post_layernorm", post_layernorm);
}

}  // namespace nn
