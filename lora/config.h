// What an adapter is: which layers get a low-rank addition, how wide, how strong. Names and rules
// are PEFT's (huggingface.co/docs/peft, LoraConfig), so that its files mean the same here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_value.h"

namespace lora {

/// Which biases are trained beside the low-rank matrices.
enum class Bias {
  none,
  lora_only,  ///< those of the layers that are adapted
  all,
};

struct Config {
  int64_t r = 16;              ///< rank of the addition
  double lora_alpha = 32;      ///< it is multiplied with alpha / r,
  bool use_rslora = false;     ///< or alpha / sqrt(r) (Kalajdzievski, 2023)
  double lora_dropout = 0.05;  ///< of what enters the addition, while training
  Bias bias = Bias::none;
  /// Modules by name or by the end of their path from a dot on: "query", "self_attn.qkv".
  std::vector<std::string> target_modules{};
  /// Instead of them a regular expression (ECMAScript's) that a whole path matches.
  std::string target_pattern{};
  /// r and alpha of modules whose path ends with what the key, a regular expression, matches from a
  /// dot on.
  std::map<std::string, int64_t> rank_pattern{};
  std::map<std::string, double> alpha_pattern{};

  bool targets(const std::string& path) const;
  int64_t rank_of(const std::string& path) const;
  float scale_of(const std::string& path) const;
};

/// The choices of a study that fine-tuned BLIP-large on fashion captions, for a model whose vision
/// encoder has so many layers: "decoder" (every linear layer of the text decoder's blocks),
/// "decoder+encoder:N" (and qkv, fc1 and fc2 of the encoder's last N layers). UsageError for
/// another name.
Config preset(std::string_view name, int64_t vision_layers);

/// adapter_config.json. FormatError names what is wrong, and whatever an adapter uses that there is
/// not here (use_dora, modules_to_save, layers_to_transform, ...).
Config read_config(const base::JsonValue& json);
/// With the keys that PEFT wants. `base_model`: base_model_name_or_path.
base::Json config_json(const Config& config, const std::string& base_model);

}  // namespace lora
