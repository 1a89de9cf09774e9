// The text decoder: BERT (Devlin et al., 2019; post-norm) with a causal mask and, in every layer,
// cross-attention to the image encoder's output (Li et al., "BLIP", 2022). B rows of T tokens, C
// channels, H heads, V the vocabulary. Struct and member names are those of the checkpoint.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nn/attention.h"
#include "nn/layers.h"

namespace blip {

using nn::Var;

/// The text decoder's size (transformers' BlipTextConfig, with its class defaults).
struct TextConfig {
  int64_t vocab_size = 30524;
  int64_t hidden_size = 768;
  int64_t encoder_hidden_size = 768;
  int64_t intermediate_size = 3072;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 8;
  int64_t max_position_embeddings = 512;
  float layer_norm_eps = 1e-12f;
  int64_t bos_token_id = 30522;
  int64_t sep_token_id = 102;
  int64_t pad_token_id = 0;
};

/// What one layer's cross-attention reads of the pictures: [pictures, image tokens, C] each.
struct ImageMemory {
  Var keys, values;
};

/// What a pass over tokens needs besides the tokens. Spans have an entry for each row.
struct TextPass {
  std::span<const int32_t> starts;     ///< tokens of the row that came before this pass
  std::span<const int32_t> lengths;    ///< all its valid tokens, those before included
  std::span<const int32_t> pictures;   ///< the picture that the row attends to
  std::span<const ImageMemory> image;  ///< of each layer
  /// Of each layer; where given, keys and values are kept there. Without, nothing came before.
  std::vector<nn::KeyValueCache>* cache = nullptr;
  nn::Trace* trace = nullptr;
};

/// LayerNorm(dense(x) + residual): how every part of a BERT layer ends.
struct BertOutput : nn::Module {
  BertOutput(int64_t inputs, const TextConfig& config);
  Var operator()(const Var& x, const Var& residual) const;
  void visit(nn::Visitor& visitor) override;

  nn::Linear dense;
  nn::LayerNorm layer_norm;
};

/// Attention of text to itself or to a picture.
struct BertAttention : nn::Module {
  /// `source_channels`: the width of what keys and values are made from.
  BertAttention(int64_t source_channels, const TextConfig& config);
  void visit(nn::Visitor& visitor) override;

  /// The text so far, up to each token itself; x [B, T, C].
  Var to_text(const Var& x, std::size_t layer, const TextPass& pass) const;
  /// The row's picture; x [B, T, C].
  Var to_image(const Var& x, std::size_t layer, const TextPass& pass) const;

  struct Projections : nn::Module {
    Projections(int64_t source_channels, const TextConfig& config);
    void visit(nn::Visitor& visitor) override;

    nn::Linear query, key, value;
  };

  int64_t heads;
  Projections self;
  BertOutput output;
};

struct BertLayer : nn::Module {
  explicit BertLayer(const TextConfig& config);
  Var operator()(const Var& x, std::size_t layer, const TextPass& pass) const;
  void visit(nn::Visitor& visitor) override;

  BertAttention attention, crossattention;
  nn::Linear intermediate;
  BertOutput output;
};

/// Token and position embeddings, normalised.
struct BertEmbeddings : nn::Module {
  explicit BertEmbeddings(const TextConfig& config);
  /// ids i32 [B, T] -> [B, T, C]; token t of row b has position starts[b] + t.
  Var operator()(const tensor::Tensor& ids, std::span<const int32_t> starts) const;
  void visit(nn::Visitor& visitor) override;

  nn::Embedding word_embeddings, position_embeddings;
  nn::LayerNorm layer_norm;
};

struct TextModel : nn::Module {
  explicit TextModel(const TextConfig& config);
  void visit(nn::Visitor& visitor) override;

  /// Keys and values of every layer for encoded pictures [B, image tokens, encoder width]: computed
  /// once for a picture, whatever is decoded from it.
  std::vector<ImageMemory> image_memory(const Var& image_embeds) const;
  /// The last layer's output [B, T, C] for ids i32 [B, T] (`tensor/index.h`).
  Var hidden(const tensor::Tensor& ids, const TextPass& pass) const;
  /// The logits [..., V] of the token that follows, from hidden [..., C].
  Var logits(const Var& hidden) const;

  TextConfig config;
  BertEmbeddings embeddings;
  std::vector<BertLayer> layers;
  nn::Linear transform;
  nn::LayerNorm transform_norm;
  nn::Linear decoder;
};

}  // namespace blip
