#include "nn/vit.h"

#include "autograd/matmul.h"  // linear
#include "autograd/patch.h"   // patches, tokens, interpolate_positions
#include "nn/attention.h"     // attend

namespace nn {

using base::str;

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
      autograd::linear(autograd::patches(pixels, patch), patch_projection, patch_bias.var());
  Var positions = position_embedding.var().reshape({config.tokens(), channels});
  if (pixels.dim(2) != config.image_size || pixels.dim(3) != config.image_size) {
    positions = autograd::interpolate_positions(positions, height, width);
  }
  return autograd::tokens(projected.reshape({pictures, height * width, channels}),
                          class_embedding.var(), positions);
}

void VisionEmbeddings::visit(Visitor& visitor) {
  const int64_t channels = config.hidden_size, patch = config.patch_size;
  visitor("class_embedding", class_embedding, {1, 1, channels});
  visitor("position_embedding", position_embedding, {1, config.tokens(), channels});
  visitor("patch_embedding.weight", patch_projection, {channels, 3, patch, patch});
  visitor("patch_embedding.bias", patch_bias, {channels});
}

VisionAttention::VisionAttention(const VisionConfig& config)
    : heads(config.num_attention_heads),
      head_dim(config.hidden_size / heads),
      qkv(config.hidden_size, 3 * config.hidden_size),
      projection(config.hidden_size, config.hidden_size) {}

Var VisionAttention::operator()(const Var& x, const Var& residual, std::size_t layer,
                                const Pass& pass) const {
  const int64_t channels = heads * head_dim;
  const Var fused = qkv(x, pass);  // [B, T, 3C]: queries, keys, values beside each other
  const Var mixed = attend({fused}, {fused, channels}, {fused, 2 * channels}, heads, head_dim,
                           {.sequences = x.dim(0), .queries = x.dim(1), .keys = x.dim(1)},
                           pass.place("vision.attention.", layer));
  return projection(mixed, pass, Activation::none, residual);
}

void VisionAttention::visit(Visitor& visitor) {
  visitor("qkv", qkv);
  visitor("projection", projection);
}

VisionMlp::VisionMlp(const VisionConfig& config)
    : fc1(config.hidden_size, config.intermediate_size),
      fc2(config.intermediate_size, config.hidden_size) {}

Var VisionMlp::operator()(const Var& x, const Var& residual, const Pass& pass) const {
  return fc2(fc1(x, pass, Activation::gelu), pass, Activation::none, residual);
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

Var VisionLayer::operator()(const Var& x, std::size_t layer, const Pass& pass) const {
  const Var attended = self_attn(layer_norm1(x), x, layer, pass);
  return mlp(layer_norm2(attended), attended, pass);
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

namespace {

Var blocks(Var x, const VisionEncoder& encoder, std::size_t begin, std::size_t end,
           const Pass& pass) {
  for (std::size_t i = begin; i < end; ++i) {
    x = encoder.layers[i](x, i, pass);
    pass.leave(x.value, "vision.hidden.", i + 1);
  }
  return x;
}

void expect_layers(int64_t count, const VisionEncoder& encoder) {
  if (count < 0 || count > static_cast<int64_t>(encoder.layers.size())) {
    throw base::UsageError(str("vision encoder: ", count, " layers of a prefix, the model has ",
                               encoder.layers.size()));
  }
}

}  // namespace

VisionTransformer::VisionTransformer(const VisionConfig& config)
    : embeddings(config),
      encoder(config),
      post_layernorm(config.hidden_size, config.layer_norm_eps) {}

Var VisionTransformer::operator()(const Var& pixels, const Pass& pass) const {
  return suffix(prefix(pixels, 0, pass), 0, pass);
}

Var VisionTransformer::prefix(const Var& pixels, int64_t count, const Pass& pass) const {
  expect_layers(count, encoder);
  Var x = embeddings(pixels);
  pass.leave(x.value, "vision.hidden.0");
  return blocks(x, encoder, 0, static_cast<std::size_t>(count), pass);
}

Var VisionTransformer::suffix(const Var& hidden, int64_t count, const Pass& pass) const {
  expect_layers(count, encoder);
  const Var x = post_layernorm(
      blocks(hidden, encoder, static_cast<std::size_t>(count), encoder.layers.size(), pass));
  pass.leave(x.value, "vision.last_hidden_state");
  return x;
}

void VisionTransformer::visit(Visitor& visitor) {
  visitor("embeddings", embeddings);
  visitor("encoder", encoder);
  visitor("post_layernorm", post_layernorm);
}

}  // namespace nn
