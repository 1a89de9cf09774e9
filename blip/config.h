// What a model folder says about its model: config.json, generation_config.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/json.h"
#include "nn/search.h"
#include "nn/vit.h"

namespace blip {

using nn::VisionConfig;

/// The text decoder (transformers' BlipTextConfig, with its class defaults).
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

struct Config {
  VisionConfig vision;
  TextConfig text;
  float label_smoothing = 0;
};

/// From config.json: a key that is absent has its class default, as when transformers reads it.
/// `name` is what errors call the file. FormatError for values that make no model (zero heads, a
/// width that the heads do not divide, an activation other than the exact gelu, ...).
Config parse_config(const base::Json& json, const std::string& name);
Config read_config(const std::filesystem::path& folder);
/// The config.json that transformers reads back as the same model.
base::Json to_json(const Config& config);

/// The decoding defaults of a model: transformers' own, then generation_config.json where present;
/// the end token is text.sep_token_id, as BLIP's generate does it.
nn::GenerationOptions read_generation_options(const std::filesystem::path& folder,
                                              const Config& config);

}  // namespace blip
