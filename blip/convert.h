// From any form of a BLIP checkpoint to a Hugging Face folder.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "blip/checkpoint_config.h"
#include "tensor/tensor.h"

namespace blip {

struct ConvertOptions {
  std::optional<tensor::DType> dtype;  ///< f32, f16 or bf16; else the types stay
  bool overwrite = false;              ///< write into a folder that has files
  OriginalOptions original;            ///< for a file; of a folder only `vocabulary` may be given
  /// Told the name of each tensor before it is written. What it throws ends the conversion.
  std::function<void(const std::string&)> progress = [](const std::string&) {};
};

/// Reads `from` (a Hugging Face folder, or a checkpoint file such as the original .pth) and writes
/// the folder `to`: config.json, generation_config.json, preprocessor_config.json and
/// processor_config.json as both transformers 4 and 5 read them, the tokenizer's files where there
/// are any, model.safetensors. All tensors are kept, under transformers' names,
/// but for what only training needs and for tied copies; one is in memory at a time. `to` appears
/// when all is written, or not at all. Errors as nn::load, config_of_tensors and StagedFolder have
/// them; UsageError for a value that f16 cannot hold.
void convert(const std::filesystem::path& from, const std::filesystem::path& to,
             const ConvertOptions& options);

/// The files of a model folder that say what its weights mean: of an older model they must not stay
/// beside new weights.
std::vector<std::string> text_files();
/// The processor_config.json of a BLIP, whose image processor is in preprocessor_config.json.
base::Json processor_config();
/// The preprocessor_config.json of a BLIP for square pictures of this many pixels.
base::Json preprocessor_config(int64_t image_size);
/// The generation_config.json that transformers writes for a BLIP.
base::Json generation_config(const TextConfig& text);
/// The tokenizer_config.json for a vocab.txt with this many pieces, [DEC] and [ENC] after them
/// unless they are among them.
base::Json tokenizer_config(const std::vector<std::string>& pieces);

}  // namespace blip
