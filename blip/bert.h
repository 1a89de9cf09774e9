// BERT (Devlin et al., 2019; post-norm) as BLIP uses it (Li et al., "BLIP", 2022): causal or not,
// and with cross-attention to an encoded source in every layer or without. B rows of tokens, C
// channels, H heads. Struct and member names are those of the checkpoint, behind a prefix that
// differs between models ("text_decoder.bert", "text_encoder").
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nn/key_value_cache.h"
#include "nn/layers.h"
#include "nn/pass.h"

namespace blip {

using nn::Var;

/// The text model's size (transformers' BlipTextConfig, with its class defaults).
struct TextConfig {
  int64_t vocab_size = 30524;
  int64_t hidden_size = 768;
  int64_t encoder_hidden_size = 768;
  int64_t intermediate_size = 3072;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 8;
  int64_t max_position_embeddings = 512;
  float layer_norm_eps = 1e-12f;
  float hidden_dropout_prob = 0;
  float attention_probs_dropout_prob = 0;
  int64_t bos_token_id = 30522;
  int64_t sep_token_id = 102;
  int64_t pad_token_id = 0;
};

/// What kind of BERT it is.
struct BertKind {
  bool causal = false;          ///< a token sees itself and those before it, not those behind it
  bool cross_attention = true;  ///< every layer reads an encoded source
};

/// Rows of token ids in one block: dense (B rows of T places each, shorter rows padded on the
/// right) or ragged (row r is the places offsets[r] .. offsets[r + 1]; nothing is padded). Numbers
/// are i32.
struct TokenBlock {
  int64_t rows = 0;            ///< B
  int64_t longest = 0;         ///< T
  tensor::Tensor ids{};        ///< [places]
  tensor::Tensor positions{};  ///< [places] of the token in its row
  tensor::Tensor offsets{};    ///< [B + 1]; undefined: dense
  tensor::Tensor lengths{};    ///< [B] tokens of the row, those in a cache included. Dense only
  tensor::Tensor starts{};     ///< [B] tokens of the row that came before; undefined: none
  Var words{};                 ///< [places, C] instead of the ids' word embeddings, if defined

  /// Rows of at least one token, one behind the other. UsageError for ids outside of the vocabulary
  /// and rows longer than the positions.
  static TokenBlock ragged(const std::vector<std::vector<int64_t>>& rows, const TextConfig& config);
  /// The same, each padded on the right to the longest.
  static TokenBlock padded(const std::vector<std::vector<int64_t>>& rows, const TextConfig& config);
};

/// What one layer's cross-attention reads of the sources: [sources, source tokens, C] each.
struct KeysValues {
  Var keys, values;
};

/// Encoded sources (pictures; in question answering, texts) as cross-attention reads them.
struct SourceMemory {
  std::vector<KeysValues> layers;
  tensor::Tensor of_row{};   ///< i32 [B]: the source that a row of tokens attends to
  tensor::Tensor lengths{};  ///< i32 [sources]: tokens of each; undefined: all
};

/// The memory of a decoder: what earlier passes over the rows' tokens left.
struct TextCache {
  std::vector<nn::KeyValueCache> layers;
  /// i32 [B, most tokens]: the place in the layers of each token that a row sees, of those too that
  /// this pass reads, which it puts behind what is there.
  tensor::Tensor table{};
};

/// What a pass reads besides its values.
struct BertPass : nn::Pass {
  const TokenBlock& tokens;
  const SourceMemory* source = nullptr;
  TextCache* cache = nullptr;  ///< without one, nothing came before
};

/// LayerNorm(dense(x) + residual): how every part of a BERT layer ends.
struct BertOutput : nn::Module {
  BertOutput(int64_t inputs, const TextConfig& config);
  Var operator()(const Var& x, const Var& residual, const nn::Pass& pass) const;
  void visit(nn::Visitor& visitor) override;

  nn::Linear dense;
  nn::LayerNorm layer_norm;
};

/// Attention of tokens to each other or to a source; x and results [places, C].
struct BertAttention : nn::Module {
  /// `source_channels`: the width of what keys and values are made from.
  BertAttention(int64_t source_channels, bool causal, const TextConfig& config);
  void visit(nn::Visitor& visitor) override;

  Var to_tokens(const Var& x, std::size_t layer, const BertPass& pass) const;
  Var to_source(const Var& x, std::size_t layer, const BertPass& pass) const;

  struct Projections : nn::Module {
    Projections(int64_t source_channels, const TextConfig& config);
    void visit(nn::Visitor& visitor) override;

    nn::Linear query, key, value;
  };

  int64_t heads, head_dim;
  bool causal;
  Projections self;
  BertOutput output;
};

struct BertLayer : nn::Module {
  BertLayer(const BertKind& kind, const TextConfig& config);
  Var operator()(const Var& x, std::size_t layer, const BertPass& pass) const;
  void visit(nn::Visitor& visitor) override;

  BertAttention attention;
  std::optional<BertAttention> crossattention;
  nn::Linear intermediate;
  BertOutput output;
};

/// Token and position embeddings, normalised: [places, C].
struct BertEmbeddings : nn::Module {
  explicit BertEmbeddings(const TextConfig& config);
  Var operator()(const TokenBlock& tokens) const;
  void visit(nn::Visitor& visitor) override;

  nn::Embedding word_embeddings, position_embeddings;
  nn::LayerNorm layer_norm;
};

struct Bert : nn::Module {
  Bert(const BertKind& kind, const TextConfig& config);
  void visit(nn::Visitor& visitor) override;

  /// Keys and values of every layer for encoded sources [sources, tokens, encoder width]: computed
  /// once for a source, whatever is read or decoded with it. `of_row` as in SourceMemory.
  SourceMemory memory(const Var& encoded, tensor::Tensor of_row, const nn::Pass& pass = {}) const;
  /// The last layer's output [places, C]. A trace receives `text.hidden.N`, `text.attention.N` and
  /// `text.cross_attention.N` (of dense rows, [B, T, C] and [B, H, T, tokens seen]).
  Var operator()(const BertPass& pass) const;

  BertEmbeddings embeddings;
  std::vector<BertLayer> layers;
};

}  // namespace blip
