// The vision transformer (Dosovitskiy et al., 2021; pre-norm). B pictures, T tokens (patches and
// the class token, which comes first), C channels, H heads.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/layers.h"
#include "nn/pass.h"

namespace nn {

/// The image encoder's size (transformers' BlipVisionConfig, with its class defaults).
struct VisionConfig {
  int64_t hidden_size = 768;
  int64_t intermediate_size = 3072;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 12;
  int64_t image_size = 384;
  int64_t patch_size = 16;
  float layer_norm_eps = 1e-5f;
  float attention_dropout = 0;

  /// Tokens of a picture of image_size x image_size: its patches and the class token.
  int64_t tokens() const { return (image_size / patch_size) * (image_size / patch_size) + 1; }
};

/// Cuts pictures into patches and projects each; puts the class token and positions to them.
struct VisionEmbeddings : Module {
  explicit VisionEmbeddings(const VisionConfig& config);
  /// pixels [B, 3, height, width] -> [B, T, C]. Position embeddings are interpolated where the size
  /// differs from the config's.
  Var operator()(const Var& pixels) const;
  void visit(Visitor& visitor) override;

  VisionConfig config;
  Parameter class_embedding;     // [1, 1, C]
  Parameter position_embedding;  // [1, T, C]
  Parameter patch_projection;    // [C, 3, P, P]
  Parameter patch_bias;          // [C]
};

/// Multi-head self-attention with one fused projection.
struct VisionAttention : Module {
  explicit VisionAttention(const VisionConfig& config);
  /// projection(attention(qkv(x))) + residual; [B, T, C].
  Var operator()(const Var& x, const Var& residual, std::size_t layer, const Pass& pass) const;
  void visit(Visitor& visitor) override;

  int64_t heads, head_dim;
  Linear qkv, projection;
};

struct VisionMlp : Module {
  explicit VisionMlp(const VisionConfig& config);
  /// fc2(gelu(fc1(x))) + residual; [B, T, C].
  Var operator()(const Var& x, const Var& residual, const Pass& pass) const;
  void visit(Visitor& visitor) override;

  Linear fc1, fc2;
};

/// x += attention(norm1(x)); x += mlp(norm2(x)).
struct VisionLayer : Module {
  explicit VisionLayer(const VisionConfig& config);
  Var operator()(const Var& x, std::size_t layer, const Pass& pass) const;
  void visit(Visitor& visitor) override;

  LayerNorm layer_norm1, layer_norm2;
  VisionAttention self_attn;
  VisionMlp mlp;
};

struct VisionEncoder : Module {
  explicit VisionEncoder(const VisionConfig& config);
  void visit(Visitor& visitor) override;

  std::vector<VisionLayer> layers;
};

struct VisionTransformer : Module {
  explicit VisionTransformer(const VisionConfig& config);
  /// pixels [B, 3, height, width] -> [B, T, C], after the last norm. A trace receives `hidden.N` (0
  /// the embeddings, N the output of block N), `attention.N` (softmax weights of block N, from 0)
  /// and `last_hidden_state`, each name behind `vision.`.
  Var operator()(const Var& pixels, const Pass& pass = {}) const;

  /// The same in two parts: embeddings and the first `layers` blocks; the other blocks and the last
  /// norm. What comes before the first trained layer is the same in every epoch and can be kept.
  Var prefix(const Var& pixels, int64_t layers, const Pass& pass = {}) const;
  Var suffix(const Var& hidden, int64_t layers, const Pass& pass = {}) const;
  void visit(Visitor& visitor) override;

  VisionEmbeddings embeddings;
  VisionEncoder encoder;
  LayerNorm post_layernorm;
};

}  // namespace nn
