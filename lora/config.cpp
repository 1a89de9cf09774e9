#include "lora/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <regex>
#include <utility>

#include "base/error.h"

namespace lora {

using base::Json;
using base::JsonValue;
using base::str;

namespace {

constexpr int64_t kMaxRank = 65536;
constexpr std::array<std::pair<std::string_view, Bias>, 3> kBiases{
    {{"none", Bias::none}, {"lora_only", Bias::lora_only}, {"all", Bias::all}}};

/// Keys that say how an adapter came about or how it is to be trained on, not what it computes.
constexpr std::string_view kOfNoEffect[] = {
    "auto_mapping", "base_model_name_or_path", "inference_mode", "init_lora_weights",
    "loftq_config", "megatron_core",           "peft_version",   "qalora_group_size",
    "revision",     "runtime_config",          "task_type"};
constexpr std::string_view kKnown[] = {"peft_type",     "r",
                                       "lora_alpha",    "use_rslora",
                                       "bias",          "lora_dropout",
                                       "rank_pattern",  "alpha_pattern",
                                       "target_modules"};

/// "all-linear" is PEFT's word for every linear layer.
constexpr std::string_view kAllLinear = "all-linear";

std::regex compiled(const std::string& pattern) {
  try {
    return std::regex(pattern, std::regex::ECMAScript);
  } catch (const std::regex_error& error) {
    throw base::UsageError(str("\"", pattern, "\" is no regular expression: ", error.what()));
  }
}

/// The value of the first key that the end of the path matches from a dot on (PEFT's rule:
/// (.*\.)?(KEY)$).
template <class T>
T value_for(const std::map<std::string, T>& patterns, const std::string& path, T otherwise) {
  for (const auto& [key, value] : patterns) {
    if (std::regex_match(path, compiled("(?:.*\\.)?(?:" + key + ")"))) return value;
  }
  return otherwise;
}

/// Whether a value is what PEFT writes for "not used".
bool is_unused(const Json& value) {
  return value.is_null() || (value.is_boolean() && !value.get<bool>()) ||
         ((value.is_array() || value.is_object()) && value.empty());
}

void read_targets(const JsonValue& targets, Config& config) {
  if (targets.is_string()) {
    config.target_pattern = targets.string() == kAllLinear ? ".*" : targets.string();
    return;
  }
  for (const JsonValue& target : targets.elements()) {
    config.target_modules.push_back(target.string());
  }
}

}  // namespace

bool Config::targets(const std::string& path) const {
  if (!target_pattern.empty()) return std::regex_match(path, compiled(target_pattern));
  return std::any_of(target_modules.begin(), target_modules.end(), [&](const std::string& target) {
    return path == target || path.ends_with("." + target);
  });
}

int64_t Config::rank_of(const std::string& path) const {
  return value_for(rank_pattern, path, r);
}

float Config::scale_of(const std::string& path) const {
  const double alpha = value_for(alpha_pattern, path, lora_alpha);
  const auto rank = static_cast<double>(rank_of(path));
  return static_cast<float>(alpha / (use_rslora ? std::sqrt(rank) : rank));
}

Config preset(std::string_view name, int64_t vision_layers) {
  Config config{.target_modules = {"attention.self.query", "attention.self.key",
                                   "attention.self.value", "attention.output.dense",
                                   "crossattention.self.query", "crossattention.self.key",
                                   "crossattention.self.value", "crossattention.output.dense",
                                   "intermediate.dense", "output.dense"}};
  if (name == "decoder") return config;
  constexpr std::string_view kBoth = "decoder+encoder:";
  int64_t count = 0;
  const std::string_view digits = name.starts_with(kBoth) ? name.substr(kBoth.size()) : "";
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    throw base::UsageError(
        str("\"", name, "\" is no preset; expected decoder or decoder+encoder:N"));
  }
  if (count < 1 || count > vision_layers) {
    throw base::UsageError(str(name, ": the encoder has ", vision_layers, " layers"));
  }
  for (int64_t layer = vision_layers - count; layer < vision_layers; ++layer) {
    for (const char* part : {"self_attn.qkv", "mlp.fc1", "mlp.fc2"}) {
      config.target_modules.push_back(str("vision_model.encoder.layers.", layer, ".", part));
    }
  }
  return config;
}

Config read_config(const JsonValue& json) {
  json.expect("peft_type", "LORA");
  Config config;
  config.lora_alpha = 8;
  config.lora_dropout = 0;
  config.r = 8;  // PEFT's defaults
  json.integer("r", config.r, 1, kMaxRank);
  json.number("lora_alpha", config.lora_alpha);
  json.number("lora_dropout", config.lora_dropout, 0, 0.999);
  json.boolean("use_rslora", config.use_rslora);
  if (const auto bias = json.find("bias")) {
    const auto known = std::find_if(kBiases.begin(), kBiases.end(), [&](const auto& entry) {
      return entry.first == bias->string();
    });
    if (known == kBiases.end()) bias->refuse("none, lora_only or all");
    config.bias = known->second;
  }
  if (const auto ranks = json.find("rank_pattern")) {
    for (const auto& [key, value] : ranks->members()) {
      config.rank_pattern[key] = value.integer(1, kMaxRank);
    }
  }
  if (const auto alphas = json.find("alpha_pattern")) {
    for (const auto& [key, value] : alphas->members()) config.alpha_pattern[key] = value.number();
  }
  read_targets(json.at("target_modules"), config);
  if (config.target_modules.empty() && config.target_pattern.empty()) {
    json.at("target_modules").refuse("names of modules, or a regular expression");
  }
  for (const auto& [key, value] : json.members()) {
    const auto is_key = [&, &name = key](std::string_view other) { return other == name; };
    if (std::any_of(std::begin(kKnown), std::end(kKnown), is_key)) continue;
    if (std::any_of(std::begin(kOfNoEffect), std::end(kOfNoEffect), is_key)) continue;
    if (!is_unused(value.json())) value.fail("this engine's LoRA has nothing of the kind");
  }
  return config;
}

Json config_json(const Config& config, const std::string& base_model) {
  Json json = Json::object();
  json["peft_type"] = "LORA";
  json["base_model_name_or_path"] = base_model;
  json["r"] = config.r;
  json["lora_alpha"] = config.lora_alpha;
  json["lora_dropout"] = config.lora_dropout;
  json["use_rslora"] = config.use_rslora;
  for (const auto& [name, bias] : kBiases) {
    if (bias == config.bias) json["bias"] = std::string(name);
  }
  json["target_modules"] =
      config.target_pattern.empty() ? Json(config.target_modules) : Json(config.target_pattern);
  json["rank_pattern"] = Json::object();
  for (const auto& [key, value] : config.rank_pattern) json["rank_pattern"][key] = value;
  json["alpha_pattern"] = Json::object();
  for (const auto& [key, value] : config.alpha_pattern) json["alpha_pattern"][key] = value;
  json["fan_in_fan_out"] = false;
  json["inference_mode"] = true;
  json["init_lora_weights"] = true;
  json["modules_to_save"] = nullptr;
  json["task_type"] = nullptr;
  json["use_dora"] = false;
  return json;
}

}  // namespace lora
