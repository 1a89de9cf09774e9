#include "blip/convert.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/staged_folder.h"
#include "blip/captioner.h"
#include "blip/checkpoint_names.h"
#include "nn/checkpoint.h"
#include "tensor/copy.h"   // cast_forward, to_f32
#include "tensor/patch.h"  // interpolate_positions_forward

namespace blip {
namespace {

namespace fs = std::filesystem;
using base::Json;
using base::str;
using tensor::DType;
using tensor::Tensor;
using tensor::TensorMap;

constexpr const char* kPositions = "vision_model.embeddings.position_embedding";
constexpr const char* kPatches = "vision_model.embeddings.patch_embedding.weight";

constexpr const char* kTokenizerFiles[] = {"vocab.txt", "tokenizer.json", "tokenizer_config.json",
                                           "special_tokens_map.json", "added_tokens.json"};

/// A model with what its folder says about it.
struct Source {
  TensorMap tensors;
  ModelKind kind = ModelKind::captioning;
  Json json;  // config.json
  Config config;
};

void expect_no_original_options(const OriginalOptions& options) {
  for (const auto& [given, name] : {std::pair{!options.med_config.empty(), "--config"},
                                    std::pair{options.image_size.has_value(), "--image-size"},
                                    std::pair{options.vision_heads.has_value(), "--vision-heads"},
                                    std::pair{options.vision_eps.has_value(), "--vision-eps"}}) {
    if (given) {
      throw base::UsageError(str(name, " is for a checkpoint file; a folder has its config.json"));
    }
  }
}

/// The class of transformers that has these tensors.
const char* architecture(ModelKind kind, const std::string& source) {
  switch (kind) {
    case ModelKind::captioning:
    case ModelKind::pretraining:  // it has no class for all of it; this one reads what captions
      return "BlipForConditionalGeneration";
    case ModelKind::question_answering:
      return "BlipForQuestionAnswering";
    case ModelKind::retrieval:
      return "BlipForImageTextRetrieval";
    case ModelKind::reasoning:
      break;
  }
  throw base::CheckpointError(
      str(source, ": holds ", describe(kind), "; transformers has no class for it"));
}

/// Position embeddings for the pictures of the config, as the original code makes them when it
/// loads.
void resize_positions(TensorMap& tensors, const VisionConfig& vision) {
  Tensor& positions = tensors.at(kPositions);  // [1, T, C]
  if (positions.dim(1) == vision.tokens()) return;
  const int64_t side = vision.image_size / vision.patch_size;
  Tensor resized = Tensor::empty({vision.tokens(), vision.hidden_size});
  tensor::interpolate_positions_forward(
      resized, tensor::to_f32(positions).reshape({positions.dim(1), positions.dim(2)}), side, side);
  positions = resized.reshape({1, vision.tokens(), vision.hidden_size});
}

Source read_source(const fs::path& from, const OriginalOptions& options) {
  const std::string name = from.string();
  Source source;
  source.tensors = with_hugging_face_names(nn::read_checkpoint(from));
  source.kind = model_kind(source.tensors);
  if (fs::is_directory(from)) {
    expect_no_original_options(options);
    source.json = base::read_json(from / "config.json");
    source.config = parse_config(source.json, (from / "config.json").string());
    return source;
  }
  source.config = config_of_tensors(source.tensors, options, name);
  source.json = to_json(source.config);
  source.json["architectures"] = {architecture(source.kind, name)};
  const auto projection = source.tensors.find("vision_proj.weight");
  if (projection != source.tensors.end() && projection->second.rank() == 2) {
    source.json["image_text_hidden_size"] = projection->second.dim(0);
  }
  resize_positions(source.tensors, source.config.vision);
  return source;
}

void expect_complete(const Source& source, const std::string& name) {
  if (!can_caption(source.kind)) return;
  TensorMap tensors = source.tensors;
  Model model(source.config);
  const bool tied = tie_model(model, tensors);
  nn::expect_fit(model, tensors, name,
                 [&](std::string_view unread) { return may_go_unread(source.kind, tied, unread); });
}

bool is_float(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f16 || dtype == DType::bf16 || dtype == DType::f64;
}

/// config.json names the type of the weights, in transformers' words.
void set_dtype(Json& config, DType dtype) {
  const char* const name = dtype == DType::f16    ? "float16"
                           : dtype == DType::bf16 ? "bfloat16"
                                                  : "float32";
  config.erase("torch_dtype");  // its older name
  config["dtype"] = name;
  for (const char* part : {"text_config", "vision_config"}) {
    if (!config.contains(part) || !config[part].is_object()) continue;
    for (const char* key : {"dtype", "torch_dtype"}) {
      if (config[part].contains(key)) config[part][key] = name;
    }
  }
}

/// Whether a value became infinite on its way to f16.
bool overflows(const Tensor& half, const Tensor& from) {
  const auto is_infinite = [](tensor::Half value) { return (value.bits & 0x7FFF) == 0x7C00; };
  const auto halves = half.span<tensor::Half>();
  if (std::none_of(halves.begin(), halves.end(), is_infinite)) return false;
  Tensor wide = Tensor::empty(from.shape());
  tensor::cast_forward(wide, from);
  for (std::size_t i = 0; i < halves.size(); ++i) {
    if (is_infinite(halves[i]) && std::isfinite(wide.data<float>()[i])) return true;
  }
  return false;
}

Tensor converted(const std::string& name, const Tensor& from, DType dtype) {
  if (from.dtype() == dtype) return from;
  Tensor to = Tensor::empty(from.shape(), dtype);
  tensor::cast_forward(to, from);
  if (dtype == DType::f16 && overflows(to, from)) {
    throw base::UsageError(str("--dtype f16: ", name, " has values beyond 65504; use bf16 or f32"));
  }
  from.release_pages();
  return to;
}

void write_weights(const fs::path& path, const TensorMap& tensors, const ConvertOptions& options) {
  std::map<std::string, tensor::TensorType> types;
  for (const auto& [name, tensor] : tensors) {
    const bool changes = options.dtype && is_float(tensor.dtype());
    types[name] = {tensor.shape(), changes ? *options.dtype : tensor.dtype()};
  }
  const auto tensor = [&](const std::string& name) {
    options.progress(name);
    return converted(name, tensors.at(name), types.at(name).dtype);
  };
  tensor::write_safetensors(path, types, tensor, {{"format", "pt"}});
}

void write_json(const fs::path& path, const Json& json) {
  base::replace_file(path, json.dump(2) + "\n");
}

/// As files that transformers 4 and 5 both read: the image processor in preprocessor_config.json,
/// and in processor_config.json whatever else it has. With an image processor in the latter, as
/// transformers 5 alone writes it, several versions of transformers 4 make no BlipProcessor.
void write_image_processor(const fs::path& from, const fs::path& to, int64_t image_size) {
  Json processor = processor_config();
  Json image_processor = preprocessor_config(image_size);
  if (fs::is_directory(from)) {
    if (const auto file = read_image_processor_file(from)) image_processor = file->json;
    if (fs::exists(from / "processor_config.json")) {
      processor = base::read_json(from / "processor_config.json");
      processor.erase("image_processor");
    }
  }
  write_json(to / "preprocessor_config.json", image_processor);
  write_json(to / "processor_config.json", processor);
}

/// A file of the tokenizer as transformers 4 and 5 both read it. Version 5 writes its further
/// special tokens as a list under a name that version 4 has for an object (4.57 then makes no
/// tokenizer, 4.46 knows nothing of the tokens); both read that list under its older name.
void write_tokenizer_file(const fs::path& from, const fs::path& to) {
  constexpr const char *kNew = "extra_special_tokens", *kOld = "additional_special_tokens";
  const bool has_settings = from.filename() != "vocab.txt" && from.filename() != "tokenizer.json";
  if (Json json; has_settings && (json = base::read_json(from)).is_object() &&
                 json.contains(kNew) && json[kNew].is_array()) {
    Json tokens = json[kNew];
    if (json.contains(kOld) && json[kOld].is_array()) {
      for (const Json& token : json[kOld]) {
        if (std::find(tokens.begin(), tokens.end(), token) == tokens.end()) tokens.push_back(token);
      }
    }
    json.erase(kNew);
    json[kOld] = tokens;
    write_json(to, json);
  } else {
    base::replace_file(to, base::read_file(from));
  }
}

void write_texts(const fs::path& from, const fs::path& to, const Source& source,
                 const ConvertOptions& options) {
  write_json(to / "config.json", source.json);
  const auto in_folder = [&](const char* name) {
    return fs::is_directory(from) && fs::exists(from / name);
  };
  if (constexpr const char* name = "generation_config.json"; in_folder(name)) {
    base::replace_file(to / name, base::read_file(from / name));
  } else {
    write_json(to / name, generation_config(source.config.text));
  }
  write_image_processor(from, to, source.config.vision.image_size);
  if (options.original.vocabulary.empty()) {
    for (const char* name : kTokenizerFiles) {
      if (in_folder(name)) write_tokenizer_file(from / name, to / name);
    }
  } else {
    base::replace_file(to / "vocab.txt", base::read_file(options.original.vocabulary));
    write_json(to / "tokenizer_config.json",
               tokenizer_config(read_pieces(options.original.vocabulary)));
  }
}

}  // namespace

void convert(const fs::path& from, const fs::path& to, const ConvertOptions& options) {
  Source source = read_source(from, options.original);
  expect_complete(source, from.string());
  const bool tied = untie_copies(source.tensors);
  source.json["tie_word_embeddings"] = tied;
  source.json["text_config"]["tie_word_embeddings"] = tied;
  if (options.dtype) {
    set_dtype(source.json, *options.dtype);
  } else if (!fs::is_directory(from)) {
    set_dtype(source.json, source.tensors.at(kPatches).dtype());
  }

  base::StagedFolder staged(to, options.overwrite, text_files());
  write_texts(from, staged.path(), source, options);
  write_weights(staged.path() / "model.safetensors", source.tensors, options);
  staged.commit();
}

std::vector<std::string> text_files() {
  std::vector<std::string> names{"config.json", "generation_config.json",
                                 "preprocessor_config.json", "processor_config.json"};
  names.insert(names.end(), std::begin(kTokenizerFiles), std::end(kTokenizerFiles));
  return names;
}

Json processor_config() {
  return {{"processor_class", "BlipProcessor"}};
}

Json preprocessor_config(int64_t image_size) {
  // The numbers as decimal fractions, as they stand in BLIP's own files.
  return {{"do_convert_rgb", true},
          {"do_normalize", true},
          {"do_rescale", true},
          {"do_resize", true},
          {"image_mean", {0.48145466, 0.4578275, 0.40821073}},
          {"image_processor_type", "BlipImageProcessor"},
          {"image_std", {0.26862954, 0.26130258, 0.27577711}},
          {"processor_class", "BlipProcessor"},
          {"resample", 3},
          {"rescale_factor", 1 / 255.0},
          {"size", {{"height", image_size}, {"width", image_size}}}};
}

Json generation_config(const TextConfig& text) {
  return {{"_from_model_config", true},
          {"bos_token_id", text.bos_token_id},
          {"eos_token_id", 2},
          {"pad_token_id", text.pad_token_id}};
}

Json tokenizer_config(const std::vector<std::string>& pieces) {
  Json added = Json::object();
  std::size_t next = pieces.size();
  for (const char* token : {"[DEC]", "[ENC]"}) {
    const auto found = std::find(pieces.begin(), pieces.end(), token);
    const std::size_t id =
        found == pieces.end() ? next++ : static_cast<std::size_t>(found - pieces.begin());
    added[std::to_string(id)] = {{"content", token}, {"lstrip", false},      {"normalized", false},
                                 {"rstrip", false},  {"single_word", false}, {"special", true}};
  }
  return {{"added_tokens_decoder", added},
          {"additional_special_tokens", {"[ENC]"}},
          {"bos_token", "[DEC]"},
          {"cls_token", "[CLS]"},
          {"do_lower_case", true},
          {"mask_token", "[MASK]"},
          {"model_max_length", 512},
          {"pad_token", "[PAD]"},
          {"processor_class", "BlipProcessor"},
          {"sep_token", "[SEP]"},
          {"strip_accents", nullptr},
          {"tokenize_chinese_chars", true},
          {"tokenizer_class", "BertTokenizer"},
          {"unk_token", "[UNK]"}};
}

}  // namespace blip
