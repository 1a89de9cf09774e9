// The text decoder: a causal BERT that reads an encoded picture, and the head that predicts the
// next token from its output.
#pragma once

#include <optional>

#include "blip/bert.h"

namespace blip {

/// The language modelling head: a transform, then the output layer, whose weight [V, C] is the word
/// embeddings' and belongs to them (weights are tied), or, in some checkpoints, one of its own.
struct PredictionHead : nn::Module {
  explicit PredictionHead(const TextConfig& config);
  void visit(nn::Visitor& visitor) override;

  /// The logits [rows, V] of the token that follows, from hidden [rows, C].
  Var operator()(const Var& hidden, const nn::Embedding& word_embeddings,
                 const nn::Pass& pass) const;
  /// Gives the output layer a weight and a bias of its own, to be filled.
  void untie();

  nn::Linear transform;
  nn::LayerNorm transform_norm;
  nn::Parameter bias;                 ///< [V]
  std::optional<nn::Linear> decoder;  ///< where it isn't tied

 private:
  int64_t channels_, vocabulary_;
};

struct TextDecoder : nn::Module {
  explicit TextDecoder(const TextConfig& config);
  void visit(nn::Visitor& visitor) override;

  /// The logits [rows, V] of the tokens that follow hidden [rows, C] of `bert`.
  Var logits(const Var& hidden, const nn::Pass& pass = {}) const {
    return predictions(hidden, bert.embeddings.word_embeddings, pass);
  }

  TextConfig config;
  Bert bert;
  PredictionHead predictions;
};

}  // namespace blip
