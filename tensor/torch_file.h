// Files of torch.save (`pytorch_model.bin`, `.pth`): a zip with a pickle and one entry for each
// storage. The pickle is read by a small machine that knows the opcodes and the few classes a state
// dict needs; anything else is refused by name, and nothing is ever called.
#pragma once

#include <filesystem>

#include "tensor/safetensors.h"  // TensorMap

namespace tensor {

/// The tensors of a state dict, or of the dict's entry "model" where that holds them (the original
/// BLIP checkpoints: {model, optimizer, config, epoch}). Tensors share the mapped file where they
/// are contiguous and aligned, and are copied where not.
TensorMap read_torch_file(const std::filesystem::path& path);

}  // namespace tensor
