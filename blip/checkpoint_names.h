// What tensors are called, in the original BLIP checkpoints and in transformers', and which model
// their names speak of. The names of this project are transformers'.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "blip/model.h"
#include "tensor/safetensors.h"  // TensorMap

namespace blip {

/// transformers' name of a tensor that the original code called `name`; other names stay.
std::string hugging_face_name(std::string_view name);
/// The same for all tensors. Those of the original code that only training needs (momentum copies,
/// queues, the temperature) are left out, and position_ids, which count from 0 in any checkpoint.
tensor::TensorMap with_hugging_face_names(tensor::TensorMap tensors);

/// The models of the BLIP paper.
enum class ModelKind { captioning, question_answering, retrieval, reasoning, pretraining };
/// Which of them has tensors of these (transformers') names; `captioning` for what no other has.
ModelKind model_kind(const tensor::TensorMap& tensors);
/// "a captioning model", ...
const char* describe(ModelKind kind);

/// The decoder's output layer reads cls.predictions.decoder.{weight,bias}. Where they are absent
/// they are tied: the word embeddings, and cls.predictions.bias. Adds those that are.
void tie_weights(tensor::TensorMap& tensors);
/// The reverse: leaves both out if both equal what they are tied to. Returns whether they do; else
/// all four tensors are there (transformers ties all of them or none).
bool untie_copies(tensor::TensorMap& tensors);

/// Whether a captioning model can be filled from a model of this kind: captioning, or pretraining,
/// whose other half is left unread.
bool can_caption(ModelKind kind);
/// Which tensors a captioning model may leave unread: that other half, and, where the output layer
/// is not tied, the bias that it would be tied to.
bool may_go_unread(ModelKind kind, bool tied, std::string_view name);
/// Makes tensors (of these names) fit a captioning model and the model fit them: whether its output
/// layer is tied depends on both. Returns whether it is.
bool tie_model(Model& model, tensor::TensorMap& tensors);
/// Fills a captioning model from a folder or file of any form: names translated, weights tied.
/// CheckpointError if it holds a kind of model that cannot caption, and as nn::load has it.
void load_checkpoint(Model& model, const std::filesystem::path& path);

}  // namespace blip
