#include "blip/text_decoder.h"

#include "autograd/matmul.h"  // linear

namespace blip {

using nn::Activation;

PredictionHead::PredictionHead(const TextConfig& config)
    : transform(config.hidden_size, config.hidden_size),
      transform_norm(config.hidden_size, config.layer_norm_eps),
      channels_(config.hidden_size),
      vocabulary_(config.vocab_size) {}

Var PredictionHead::operator()(const Var& hidden, const nn::Embedding& word_embeddings,
                               const nn::Pass& pass) const {
  const Var x = transform_norm(transform(hidden, pass, Activation::gelu));
  return decoder ? (*decoder)(x, pass) : autograd::linear(x, word_embeddings.weight, bias.var());
}

void PredictionHead::untie() {
  decoder.emplace(channels_, vocabulary_);
}

void PredictionHead::visit(nn::Visitor& visitor) {
  visitor("transform.dense", transform);
  visitor("transform.LayerNorm", transform_norm);
  if (decoder) {
    visitor("decoder", *decoder);
  } else {
    visitor("bias", bias, {vocabulary_});
  }
}

TextDecoder::TextDecoder(const TextConfig& text_config)
    : config(text_config),
      bert({.causal = true, .cross_attention = true}, config),
      predictions(config) {}

void TextDecoder::visit(nn::Visitor& visitor) {
  visitor("bert", bert);
  visitor("cls.predictions", predictions);
}

}  // namespace blip
