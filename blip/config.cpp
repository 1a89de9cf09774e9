#include "blip/config.h"

#include <charconv>
#include <limits>
#include <string>

#include "base/error.h"
#include "base/json_value.h"

namespace blip {
namespace {

using base::FormatError;
using base::Json;
using base::JsonValue;
using base::str;

/// A member that is an object; an empty one where it is absent or null.
JsonValue child(const JsonValue& json, const char* key, const std::string& name) {
  static const Json kEmpty = Json::object();
  const auto member = json.find(key);
  return member ? *member : JsonValue(kEmpty, name);
}

void expect_divisible(const std::string& name, const char* width_key, int64_t width,
                      const char* parts_key, int64_t parts) {
  if (width % parts != 0) {
    throw FormatError(
        str(name, ": ", width_key, " ", width, " is not a multiple of ", parts_key, " ", parts));
  }
}

constexpr int64_t kMaxWidth = 1 << 16, kMaxLayers = 1024, kMaxVocabulary = 1 << 24;

void read_vision(const JsonValue& json, const std::string& name, VisionConfig& vision) {
  json.integer("hidden_size", vision.hidden_size, 1, kMaxWidth);
  json.integer("intermediate_size", vision.intermediate_size, 1, 4 * kMaxWidth);
  json.integer("num_hidden_layers", vision.num_hidden_layers, 1, kMaxLayers);
  json.integer("num_attention_heads", vision.num_attention_heads, 1, kMaxWidth);
  json.integer("image_size", vision.image_size, 1, 8192);
  json.integer("patch_size", vision.patch_size, 1, 8192);
  json.number("layer_norm_eps", vision.layer_norm_eps, 0, 1);
  json.number("attention_dropout", vision.attention_dropout, 0, 1);
  json.expect("hidden_act", "gelu");
  expect_divisible(name, "vision_config.hidden_size", vision.hidden_size, "num_attention_heads",
                   vision.num_attention_heads);
  expect_divisible(name, "vision_config.image_size", vision.image_size, "patch_size",
                   vision.patch_size);
}

void read_text(const JsonValue& json, const std::string& name, TextConfig& text) {
  json.integer("vocab_size", text.vocab_size, 1, kMaxVocabulary);
  json.integer("hidden_size", text.hidden_size, 1, kMaxWidth);
  json.integer("intermediate_size", text.intermediate_size, 1, 4 * kMaxWidth);
  json.integer("num_hidden_layers", text.num_hidden_layers, 1, kMaxLayers);
  json.integer("num_attention_heads", text.num_attention_heads, 1, kMaxWidth);
  json.integer("max_position_embeddings", text.max_position_embeddings, 1, 1 << 20);
  json.number("layer_norm_eps", text.layer_norm_eps, 0, 1);
  json.number("hidden_dropout_prob", text.hidden_dropout_prob, 0, 1);
  json.number("attention_probs_dropout_prob", text.attention_probs_dropout_prob, 0, 1);
  json.integer("bos_token_id", text.bos_token_id, 0, text.vocab_size - 1);
  json.integer("sep_token_id", text.sep_token_id, 0, text.vocab_size - 1);
  json.integer("pad_token_id", text.pad_token_id, 0, text.vocab_size - 1);
  json.expect("hidden_act", "gelu");
  expect_divisible(name, "text_config.hidden_size", text.hidden_size, "num_attention_heads",
                   text.num_attention_heads);
  for (const auto& [key, id] :
       {std::pair{"bos_token_id", text.bos_token_id}, std::pair{"sep_token_id", text.sep_token_id},
        std::pair{"pad_token_id", text.pad_token_id}}) {
    if (id >= text.vocab_size) {  // a default that a small vocabulary does not have
      throw FormatError(
          str(name, ": text_config.", key, " is ", id, ", but vocab_size is ", text.vocab_size));
    }
  }
}

/// The number that a person would write for a float: 1e-12, not 9.999999960041972e-13.
double decimal(float value) {
  char text[32];
  double result = value;
  std::from_chars(text, std::to_chars(text, text + sizeof text, value).ptr, result);
  return result;
}

}  // namespace

Config parse_config(const Json& json, const std::string& name) {
  const JsonValue reader(json, name);
  reader.expect("model_type", "blip");
  Config config;
  read_vision(child(reader, "vision_config", name), name, config.vision);
  read_text(child(reader, "text_config", name), name, config.text);
  // Whatever the file says of it, as in transformers: the text model reads the vision model's
  // output.
  config.text.encoder_hidden_size = config.vision.hidden_size;
  reader.number("label_smoothing", config.label_smoothing, 0, 1);
  return config;
}

Config read_config(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "config.json";
  return parse_config(base::read_json(path), path.string());
}

Json to_json(const Config& config) {
  const auto& [vision, text, label_smoothing] = config;
  return {
      {"architectures", {"BlipForConditionalGeneration"}},
      {"model_type", "blip"},
      {"dtype", "float32"},
      {"image_text_hidden_size", 256},
      {"initializer_factor", 1.0},
      {"initializer_range", 0.02},
      {"label_smoothing", decimal(label_smoothing)},
      {"logit_scale_init_value", 2.6592},
      {"projection_dim", 512},
      {"tie_word_embeddings", true},
      {"text_config",
       {{"model_type", "blip_text_model"},
        {"vocab_size", text.vocab_size},
        {"hidden_size", text.hidden_size},
        {"encoder_hidden_size", text.encoder_hidden_size},
        {"intermediate_size", text.intermediate_size},
        {"projection_dim", 768},
        {"num_hidden_layers", text.num_hidden_layers},
        {"num_attention_heads", text.num_attention_heads},
        {"max_position_embeddings", text.max_position_embeddings},
        {"hidden_act", "gelu"},
        {"layer_norm_eps", decimal(text.layer_norm_eps)},
        {"hidden_dropout_prob", decimal(text.hidden_dropout_prob)},
        {"attention_probs_dropout_prob", decimal(text.attention_probs_dropout_prob)},
        {"initializer_range", 0.02},
        {"bos_token_id", text.bos_token_id},
        {"eos_token_id", 2},
        {"pad_token_id", text.pad_token_id},
        {"sep_token_id", text.sep_token_id},
        {"is_decoder", true},
        {"use_cache", true},
        {"tie_word_embeddings", true},
        {"label_smoothing", decimal(label_smoothing)}}},
      {"vision_config",
       {{"model_type", "blip_vision_model"},
        {"hidden_size", vision.hidden_size},
        {"intermediate_size", vision.intermediate_size},
        {"projection_dim", 512},
        {"num_hidden_layers", vision.num_hidden_layers},
        {"num_attention_heads", vision.num_attention_heads},
        {"image_size", vision.image_size},
        {"patch_size", vision.patch_size},
        {"hidden_act", "gelu"},
        {"layer_norm_eps", decimal(vision.layer_norm_eps)},
        {"attention_dropout", decimal(vision.attention_dropout)},
        {"initializer_range", 0.02}}},
  };
}

void expect_valid(const nn::GenerationOptions& options, const std::filesystem::path& folder) {
  constexpr std::string_view kCaller = "generate: ";
  try {
    nn::validate(options);
  } catch (const base::UsageError& error) {
    std::string_view reason = error.what();
    if (reason.starts_with(kCaller)) reason.remove_prefix(kCaller.size());
    throw FormatError(str((folder / "generation_config.json").string(), ": ", reason));
  }
}

nn::GenerationOptions read_generation_options(const std::filesystem::path& folder,
                                              const Config& config) {
  nn::GenerationOptions options;
  options.eos_token_id = config.text.sep_token_id;
  const std::filesystem::path path = folder / "generation_config.json";
  if (!std::filesystem::exists(path)) return options;

  const Json json = base::read_json(path);
  const std::string name = path.string();
  const JsonValue reader(json, name);
  constexpr int64_t kMany = 1 << 20;
  // max_length counts the first token and the prompt, max_new_tokens does not; the latter wins.
  int64_t max_length = 0;
  reader.integer("max_length", max_length, 1, kMany);
  if (max_length > 1) options.max_new_tokens = max_length - 1;
  reader.integer("max_new_tokens", options.max_new_tokens, 1, kMany);
  int64_t min_length = 0;
  reader.integer("min_length", min_length, 0, kMany);
  if (min_length > 1) options.min_new_tokens = min_length - 1;
  reader.integer("min_new_tokens", options.min_new_tokens, 0, kMany);
  reader.integer("num_beams", options.num_beams, 1, 1024);
  reader.integer("num_return_sequences", options.num_return_sequences, 1, 1024);
  reader.integer("no_repeat_ngram_size", options.no_repeat_ngram_size, 0, kMany);
  // What only sampling reads may be anything without it: many files say temperature 0 for greedy.
  reader.integer("top_k", options.top_k, -kMany, kMany);
  reader.number("top_p", options.top_p);
  reader.number("temperature", options.temperature);
  reader.number("length_penalty", options.length_penalty, -1e3, 1e3);
  reader.number("repetition_penalty", options.repetition_penalty, 1e-3, 1e3);
  reader.boolean("do_sample", options.do_sample);
  if (const auto value = reader.find("early_stopping")) {
    if (value->is_boolean()) {
      options.early_stopping = value->boolean() ? nn::EarlyStopping::yes : nn::EarlyStopping::no;
    } else if (value->json() == "never") {
      options.early_stopping = nn::EarlyStopping::never;
    } else {
      value->refuse("true, false or \"never\"");
    }
  }
  if (const auto words = reader.find("bad_words_ids")) {
    for (const JsonValue& word : words->elements()) {
      std::vector<int64_t>& ids = options.bad_words_ids.emplace_back();
      for (const JsonValue& id : word.elements()) ids.push_back(id.token_id());
    }
  }
  expect_valid(options, folder);
  return options;
}

}  // namespace blip
