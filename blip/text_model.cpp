#include "blip/text_model.h"

#include <cmath>

#include "autograd/attention.h"    // attention
#include "autograd/elementwise.h"  // add
#include "base/error.h"
#include "tensor/index.h"  // indices

namespace blip {

using base::str;
using tensor::Activation;
using tensor::Tensor;

BertOutput::BertOutput(int64_t inputs, const TextConfig& config)
    : dense(inputs, config.hidden_size), layer_norm(config.hidden_size, config.layer_norm_eps) {}

Var BertOutput::operator()(const Var& x, const Var& residual) const {
  return layer_norm(dense(x, Activation::none, residual));
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

BertAttention::BertAttention(int64_t source_channels, const TextConfig& config)
    : heads(config.num_attention_heads),
      self(source_channels, config),
      output(config.hidden_size, config) {}

void BertAttention::visit(nn::Visitor& visitor) {
  visitor("self", self);
  visitor("output", output);
}

Var BertAttention::to_text(const Var& x, std::size_t layer, const TextPass& pass) const {
  Var keys = self.key(x), values = self.value(x);
  if (pass.cache) {
    nn::KeyValueCache& cache = (*pass.cache)[layer];
    cache.write(keys, values, pass.starts);
    keys = cache.keys();
    values = cache.values();
  }
  const int64_t head_dim = x.dim(2) / heads;
  const tensor::AttentionShape shape{
      .sequences = x.dim(0),
      .queries = x.dim(1),
      .keys = keys.dim(1),
      .heads = heads,
      .head_dim = head_dim,
      .scale = 1 / std::sqrt(static_cast<float>(head_dim)),
      .causal = true,
      .key_lengths = tensor::indices("lengths", pass.lengths, keys.dim(1) + 1),
      .query_start = tensor::indices("starts", pass.starts, keys.dim(1)),
  };
  Tensor* probabilities = pass.trace ? &(*pass.trace)[str("text.attention.", layer)] : nullptr;
  const Var mixed = autograd::attention({self.query(x)}, {keys}, {values}, shape, probabilities);
  return output(mixed, x);
}

Var BertAttention::to_image(const Var& x, std::size_t layer, const TextPass& pass) const {
  const ImageMemory& image = pass.image[layer];
  const int64_t head_dim = x.dim(2) / heads;
  const tensor::AttentionShape shape{
      .sequences = x.dim(0),
      .queries = x.dim(1),
      .keys = image.keys.dim(1),
      .heads = heads,
      .head_dim = head_dim,
      .scale = 1 / std::sqrt(static_cast<float>(head_dim)),
      .key_sequences = image.keys.dim(0),
      .key_sequence = tensor::indices("pictures", pass.pictures, image.keys.dim(0)),
  };
  Tensor* probabilities =
      pass.trace ? &(*pass.trace)[str("text.cross_attention.", layer)] : nullptr;
  const Var mixed =
      autograd::attention({self.query(x)}, {image.keys}, {image.values}, shape, probabilities);
  return output(mixed, x);
}

BertLayer::BertLayer(const TextConfig& config)
    : attention(config.hidden_size, config),
      crossattention(config.encoder_hidden_size, config),
      intermediate(config.hidden_size, config.intermediate_size),
      output(config.intermediate_size, config) {}

Var BertLayer::operator()(const Var& x, std::size_t layer, const TextPass& pass) const {
  const Var seen = crossattention.to_image(attention.to_text(x, layer, pass), layer, pass);
  return output(intermediate(seen, Activation::gelu), seen);
}

void BertLayer::visit(nn::Visitor& visitor) {
  visitor("attention", attention);
  visitor("crossattention", crossattention);
  visitor("intermediate.dense", intermediate);
  visitor("output", output);
}

BertEmbeddings::BertEmbeddings(const TextConfig& config)
    : word_embeddings(config.vocab_size, config.hidden_size),
      position_embeddings(config.max_position_embeddings, config.hidden_size),
      layer_norm(config.hidden_size, config.layer_norm_eps) {}

Var BertEmbeddings::operator()(const Tensor& ids, std::span<const int32_t> starts) const {
  Tensor positions = Tensor::empty(ids.shape(), tensor::DType::i64);
  const int64_t rows = ids.dim(0), length = ids.dim(1);
  for (int64_t b = 0; b < rows; ++b) {
    for (int64_t t = 0; t < length; ++t) {
      positions.data<int64_t>()[b * length + t] = starts[static_cast<std::size_t>(b)] + t;
    }
  }
  return layer_norm(autograd::add(word_embeddings(ids), position_embeddings(positions)));
}

void BertEmbeddings::visit(nn::Visitor& visitor) {
  visitor("word_embeddings", word_embeddings);
  visitor("position_embeddings", position_embeddings);
  visitor("LayerNorm", layer_norm);
}

TextModel::TextModel(const TextConfig& text_config)
    : config(text_config),
      embeddings(config),
      transform(config.hidden_size, config.hidden_size),
      transform_norm(config.hidden_size, config.layer_norm_eps),
      decoder(config.hidden_size, config.vocab_size) {
  for (int64_t i = 0; i < config.num_hidden_layers; ++i) layers.emplace_back(config);
}

void TextModel::visit(nn::Visitor& visitor) {
  visitor("bert.embeddings", embeddings);
  visitor("bert.encoder.layer", layers);
  visitor("cls.predictions.transform.dense", transform);
  visitor("cls.predictions.transform.LayerNorm", transform_norm);
  visitor("cls.predictions.decoder", decoder);
}

std::vector<ImageMemory> TextModel::image_memory(const Var& image_embeds) const {
  std::vector<ImageMemory> memory;
  for (const BertLayer& layer : layers) {
    const BertAttention::Projections& projections = layer.crossattention.self;
    memory.push_back({projections.key(image_embeds), projections.value(image_embeds)});
  }
  return memory;
}

Var TextModel::hidden(const Tensor& ids, const TextPass& pass) const {
  Var x = embeddings(ids, pass.starts);
  if (pass.trace) (*pass.trace)["text.hidden.0"] = x.value;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    x = layers[i](x, i, pass);
    if (pass.trace) (*pass.trace)[str("text.hidden.", i + 1)] = x.value;
  }
  return x;
}

Var TextModel::logits(const Var& hidden) const {
  return decoder(transform_norm(transform(hidden, Activation::gelu)));
}

}  // namespace blip
