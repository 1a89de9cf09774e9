#include "blip/checkpoint_names.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "nn/checkpoint.h"

namespace blip {
namespace {

using base::str;
using tensor::Tensor;
using tensor::TensorMap;

/// The beginning of a name, and what takes its place.
using Renaming = std::pair<std::string_view, std::string_view>;

constexpr Renaming kVision[] = {
    {"visual_encoder.cls_token", "vision_model.embeddings.class_embedding"},
    {"visual_encoder.pos_embed", "vision_model.embeddings.position_embedding"},
    {"visual_encoder.patch_embed.proj.", "vision_model.embeddings.patch_embedding."},
    {"visual_encoder.norm.", "vision_model.post_layernorm."},
};
constexpr Renaming kVisionBlocks = {"visual_encoder.blocks.", "vision_model.encoder.layers."};
constexpr Renaming kVisionBlock[] = {
    // after the block's number
    {"norm1.", "layer_norm1."},
    {"attn.qkv.", "self_attn.qkv."},
    {"attn.proj.", "self_attn.projection."},
    {"norm2.", "layer_norm2."},
    {"mlp.", "mlp."},
};

constexpr std::string_view kTrainingOnly[] = {"image_queue", "text_queue", "queue_ptr",
                                              "ptr_queue",   "idx_queue",  "temp"};

constexpr const char* kEmbeddings = "text_decoder.bert.embeddings.word_embeddings.weight";
constexpr const char* kDecoderWeight = "text_decoder.cls.predictions.decoder.weight";
constexpr const char* kDecoderBias = "text_decoder.cls.predictions.decoder.bias";
constexpr const char* kBias = "text_decoder.cls.predictions.bias";

/// `name` with the first renaming that fits its beginning, or nothing.
template <std::size_t N>
std::string renamed(std::string_view name, const Renaming (&table)[N]) {
  for (const auto& [from, to] : table) {
    if (name.starts_with(from)) return std::string(to).append(name.substr(from.size()));
  }
  return {};
}

bool is_position_ids(std::string_view name) {
  return name.ends_with("position_ids");
}

bool only_for_training(std::string_view name) {
  const std::string_view module = name.substr(0, name.find('.'));  // momentum copies: "..._m."
  return (module.size() < name.size() && module.ends_with("_m")) ||
         std::find(std::begin(kTrainingOnly), std::end(kTrainingOnly), name) !=
             std::end(kTrainingOnly);
}

bool any_begins(const TensorMap& tensors, std::string_view prefix) {
  const auto found = tensors.lower_bound(std::string(prefix));
  return found != tensors.end() && found->first.starts_with(prefix);
}

bool equal(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         (a.raw() == b.raw() || std::memcmp(a.raw(), b.raw(), a.bytes()) == 0);
}

}  // namespace

std::string hugging_face_name(std::string_view name) {
  const auto& [blocks, layers] = kVisionBlocks;
  std::string result;
  if (name.starts_with(blocks)) {
    const std::string_view rest = name.substr(blocks.size());  // "11.norm1.weight"
    const std::size_t dot = rest.find('.');
    if (dot != rest.npos) result = renamed(rest.substr(dot + 1), kVisionBlock);
    if (!result.empty()) result = std::string(layers).append(rest.substr(0, dot + 1)) + result;
  } else {
    result = renamed(name, kVision);
  }
  return result.empty() ? std::string(name) : result;
}

TensorMap with_hugging_face_names(TensorMap tensors) {
  const bool original = any_begins(tensors, "visual_encoder.");
  TensorMap result;
  for (auto& [name, tensor] : tensors) {
    if (is_position_ids(name) || (original && only_for_training(name))) continue;
    if (!result.emplace(hugging_face_name(name), std::move(tensor)).second) {
      throw base::CheckpointError(
          str("duplicate tensor ", name, ", once as ", hugging_face_name(name)));
    }
  }
  return result;
}

ModelKind model_kind(const TensorMap& tensors) {
  const bool encoder = any_begins(tensors, "text_encoder."),
             decoder = any_begins(tensors, "text_decoder."),
             matching = any_begins(tensors, "itm_head.") || any_begins(tensors, "vision_proj.");
  if (encoder && decoder) {
    return matching ? ModelKind::pretraining : ModelKind::question_answering;
  }
  if (any_begins(tensors, "cls_head.")) return ModelKind::reasoning;
  return encoder || matching ? ModelKind::retrieval : ModelKind::captioning;
}

const char* describe(ModelKind kind) {
  switch (kind) {
    case ModelKind::captioning:
      return "a captioning model";
    case ModelKind::question_answering:
      return "a visual question answering model (VQA: it has a text encoder that reads questions)";
    case ModelKind::retrieval:
      return "an image-text retrieval model (ITM: it has no text decoder)";
    case ModelKind::reasoning:
      return "a visual reasoning model (NLVR2: it reads two pictures and has no text decoder)";
    case ModelKind::pretraining:
      break;
  }
  return "a model in pretraining (it has a text encoder, a text decoder and a matching head)";
}

void tie_weights(TensorMap& tensors) {
  for (const auto& [tied, original] :
       {std::pair{kDecoderWeight, kEmbeddings}, std::pair{kDecoderBias, kBias}}) {
    const auto found = tensors.find(original);
    if (found != tensors.end()) tensors.emplace(tied, found->second);
  }
}

bool untie_copies(TensorMap& tensors) {
  tie_weights(tensors);
  const auto tied = [&](const char* copy, const char* original) {
    const auto found = tensors.find(copy);
    if (found == tensors.end()) return true;
    const auto [kept, absent] = tensors.emplace(original, found->second);
    const bool same = absent || equal(kept->second, found->second);
    found->second.release_pages();
    kept->second.release_pages();
    return same;
  };
  const bool weight = tied(kDecoderWeight, kEmbeddings), bias = tied(kDecoderBias, kBias);
  if (!weight || !bias) return false;
  tensors.erase(kDecoderWeight);
  tensors.erase(kDecoderBias);
  return true;
}

bool can_caption(ModelKind kind) {
  return kind == ModelKind::captioning || kind == ModelKind::pretraining;
}

bool may_go_unread(ModelKind kind, bool tied, std::string_view name) {
  if (name == kBias) return !tied;
  constexpr std::string_view kOtherHalf[] = {"text_encoder.", "vision_proj.", "text_proj.",
                                             "itm_head."};
  return kind == ModelKind::pretraining &&
         std::any_of(std::begin(kOtherHalf), std::end(kOtherHalf),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool tie_model(Model& model, TensorMap& tensors) {
  // An output layer is no stand-in for embeddings: their absence is an error, which nn::load
  // reports.
  const bool tied = !tensors.contains(kEmbeddings) || untie_copies(tensors);
  if (!tied) model.text_decoder.predictions.untie();
  return tied;
}

void load_checkpoint(Model& model, const std::filesystem::path& path) {
  TensorMap tensors = with_hugging_face_names(nn::read_checkpoint(path));
  const ModelKind kind = model_kind(tensors);
  if (!can_caption(kind)) {
    throw base::CheckpointError(str(path.string(), ": holds ", describe(kind), ", expected ",
                                    describe(ModelKind::captioning)));
  }
  const bool tied = tie_model(model, tensors);
  nn::load(model, tensors, path.string(),
           [&](std::string_view name) { return may_go_unread(kind, tied, name); });
}

}  // namespace blip
