// What a model folder says about its model: config.json, generation_config.json.
#pragma once

#include <filesystem>

#include "base/json.h"
#include "blip/bert.h"
#include "nn/search.h"
#include "nn/vit.h"

namespace blip {

using nn::VisionConfig;

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
/// the end token is text.sep_token_id, as BLIP's generate does it. FormatError for values that make
/// no sense; temperature, top_k and top_p have to where do_sample is true.
nn::GenerationOptions read_generation_options(const std::filesystem::path& folder,
                                              const Config& config);

/// FormatError that names the folder's generation_config.json, if what it says makes no sense.
void expect_valid(const nn::GenerationOptions& options, const std::filesystem::path& folder);

}  // namespace blip
