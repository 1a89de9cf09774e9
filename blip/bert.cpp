#include "blip/bert.h"

#include <algorithm>

#include "autograd/elementwise.h"  // add
#include "base/error.h"
#include "nn/attention.h"  // attend
#include "tensor/index.h"  // indices, row_offsets

namespace blip {

using base::str;
using nn::Activation;
using tensor::Shape;
using tensor::Tensor;

namespace {

/// A block of `rows` rows with `places_of(row length)` places each, the rest [PAD].
template <class F>
TokenBlock block(const std::vector<std::vector<int64_t>>& rows, const TextConfig& config,
                 const F& places_of) {
  std::vector<int64_t> ids, positions;
  std::vector<int32_t> lengths;
  for (const std::vector<int64_t>& row : rows) {
    const auto length = static_cast<int64_t>(row.size());
    if (length < 1 || length > config.max_position_embeddings) {
      throw base::UsageError(str("a row of text has ", length, " tokens, expected 1 to ",
                                 config.max_position_embeddings, ", the positions of the model"));
    }
    ids.insert(ids.end(), row.begin(), row.end());
    ids.resize(ids.size() + static_cast<std::size_t>(places_of(length) - length),
               config.pad_token_id);
    for (int64_t t = 0; t < places_of(length); ++t) positions.push_back(t);
    lengths.push_back(static_cast<int32_t>(length));
  }
  return {.rows = static_cast<int64_t>(rows.size()),
          .longest = lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end()),
          .ids = tensor::indices("token ids", ids, config.vocab_size),
          .positions = tensor::indices("positions", positions, config.max_position_embeddings),
          .offsets = tensor::row_offsets(lengths),
          .lengths = tensor::indices("lengths", lengths, config.max_position_embeddings + 1)};
}

}  // namespace

TokenBlock TokenBlock::ragged(const std::vector<std::vector<int64_t>>& rows,
                              const TextConfig& config) {
  TokenBlock result = block(rows, config, [](int64_t length) { return length; });
  result.lengths = Tensor();
  return result;
}

TokenBlock TokenBlock::padded(const std::vector<std::vector<int64_t>>& rows,
                              const TextConfig& config) {
  std::size_t longest = 0;
  for (const std::vector<int64_t>& row : rows) longest = std::max(longest, row.size());
  TokenBlock result = block(rows, config, [&](int64_t) { return static_cast<int64_t>(longest); });
  result.offsets = Tensor();
  return result;
}

BertOutput::BertOutput(int64_t inputs, const TextConfig& config)
    : dense(inputs, config.hidden_size), layer_norm(config.hidden_size, config.layer_norm_eps) {}

Var BertOutput::operator()(const Var& x, const Var& residual, const nn::Pass& pass) const {
  return layer_norm(dense(x, pass, Activation::none, residual));
}

void BertOutput::visit(nn::Visitor& visitor) {
  visitor("dense", dense);
  visitor("LayerNorm", layer_norm);
}

BertAttention::Projections::Projections(int64_t source_channels, const TextConfig& config)
    : query(config.hidden_size, config.hidden_size),
      key(source_channels, config.hidden_size),
      value(source_channels, config.hidden_size) {}

void BertAttention::Projections::visit(nn::Visitor& visitor) {
  visitor("query", query);
  visitor("key", key);
  visitor("value", value);
}

BertAttention::BertAttention(int64_t source_channels, bool is_causal, const TextConfig& config)
    : heads(config.num_attention_heads),
      head_dim(config.hidden_size / heads),
      causal(is_causal),
      self(source_channels, config),
      output(config.hidden_size, config) {}

void BertAttention::visit(nn::Visitor& visitor) {
  visitor("self", self);
  visitor("output", output);
}

Var BertAttention::to_tokens(const Var& x, std::size_t layer, const BertPass& pass) const {
  const TokenBlock& tokens = pass.tokens;
  Var keys = self.key(x, pass), values = self.value(x, pass);
  int64_t seen = tokens.longest;
  Tensor table;
  if (pass.cache) {
    nn::KeyValueCache& cache = pass.cache->layers[layer];
    cache.append(keys, values);
    keys = Var(cache.keys());
    values = Var(cache.values());
    table = pass.cache->table;
    seen = table.dim(1);
  }
  const Var mixed = nn::attend({self.query(x, pass)}, {keys}, {values}, heads, head_dim,
                               {.sequences = tokens.rows,
                                .queries = tokens.longest,
                                .keys = seen,
                                .causal = causal,
                                .query_offsets = tokens.offsets,
                                .key_offsets = tokens.offsets,
                                .key_lengths = tokens.lengths,
                                .query_start = tokens.starts,
                                .key_table = table},
                               pass.place("text.attention.", layer));
  return output(mixed, x, pass);
}

Var BertAttention::to_source(const Var& x, std::size_t layer, const BertPass& pass) const {
  const SourceMemory& source = *pass.source;
  const auto& [keys, values] = source.layers[layer];
  const Var mixed = nn::attend({self.query(x, pass)}, {keys}, {values}, heads, head_dim,
                               {.sequences = pass.tokens.rows,
                                .queries = pass.tokens.longest,
                                .keys = keys.dim(1),
                                .key_sequences = keys.dim(0),
                                .query_offsets = pass.tokens.offsets,
                                .key_lengths = source.lengths,
                                .key_sequence = source.of_row},
                               pass.place("text.cross_attention.", layer));
  return output(mixed, x, pass);
}

BertLayer::BertLayer(const BertKind& kind, const TextConfig& config)
    : attention(config.hidden_size, kind.causal, config),
      intermediate(config.hidden_size, config.intermediate_size),
      output(config.intermediate_size, config) {
  if (kind.cross_attention) crossattention.emplace(config.encoder_hidden_size, false, config);
}

Var BertLayer::operator()(const Var& x, std::size_t layer, const BertPass& pass) const {
  Var seen = attention.to_tokens(x, layer, pass);
  if (crossattention) seen = crossattention->to_source(seen, layer, pass);
  return output(intermediate(seen, pass, Activation::gelu), seen, pass);
}

void BertLayer::visit(nn::Visitor& visitor) {
  visitor("attention", attention);
  if (crossattention) visitor("crossattention", *crossattention);
  visitor("intermediate.dense", intermediate);
  visitor("output", output);
}

BertEmbeddings::BertEmbeddings(const TextConfig& config)
    : word_embeddings(config.vocab_size, config.hidden_size),
      position_embeddings(config.max_position_embeddings, config.hidden_size),
      layer_norm(config.hidden_size, config.layer_norm_eps) {}

Var BertEmbeddings::operator()(const TokenBlock& tokens) const {
  const Var words = tokens.words.defined() ? tokens.words : word_embeddings(tokens.ids);
  return layer_norm(autograd::add(words, position_embeddings(tokens.positions)));
}

void BertEmbeddings::visit(nn::Visitor& visitor) {
  visitor("word_embeddings", word_embeddings);
  visitor("position_embeddings", position_embeddings);
  visitor("LayerNorm", layer_norm);
}

Bert::Bert(const BertKind& kind, const TextConfig& config) : embeddings(config) {
  for (int64_t i = 0; i < config.num_hidden_layers; ++i) layers.emplace_back(kind, config);
}

void Bert::visit(nn::Visitor& visitor) {
  visitor("embeddings", embeddings);
  visitor("encoder.layer", layers);
}

SourceMemory Bert::memory(const Var& encoded, Tensor of_row, const nn::Pass& pass) const {
  SourceMemory memory{.layers = {}, .of_row = std::move(of_row)};
  for (const BertLayer& layer : layers) {
    if (!layer.crossattention) throw base::UsageError("this BERT has no cross-attention");
    const BertAttention::Projections& projections = layer.crossattention->self;
    memory.layers.push_back({projections.key(encoded, pass), projections.value(encoded, pass)});
  }
  return memory;
}

Var Bert::operator()(const BertPass& pass) const {
  const TokenBlock& tokens = pass.tokens;
  const auto leave = [&](std::size_t layer, const Var& x) {
    const bool dense = !tokens.offsets.defined();
    pass.leave(dense ? x.value.reshape({tokens.rows, tokens.longest, x.dim(-1)}) : x.value,
               "text.hidden.", layer);
  };
  Var x = embeddings(tokens);
  leave(0, x);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].crossattention && !pass.source) {
      throw base::UsageError("this BERT reads an encoded source, and the pass has none");
    }
    x = layers[i](x, i, pass);
    leave(i + 1, x);
  }
  return x;
}

}  // namespace blip
