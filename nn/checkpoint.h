// From files to a module's parameters, and back.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "nn/module.h"
#include "tensor/safetensors.h"

namespace nn {

/// The tensors of a model folder or of one file (*.safetensors, or any other name for a file of
/// torch.save). In a folder: model.safetensors, else the shards of
/// model.safetensors.index.json, else pytorch_model.bin or its shards
/// (pytorch_model.bin.index.json). A folder with none of them is a FileError that says what was
/// looked for; shards that are missing are one FileError that lists them. Of shards, the tensors
/// that the index names are read.
tensor::TensorMap read_checkpoint(const std::filesystem::path& path);

/// Fills every parameter of a module from the tensors of its names. Parameters that no tensor fits
/// (missing, or of another shape) and tensors that no parameter takes are one CheckpointError which
/// lists all of them, `source` (a path) first, and leave the module as it was. `ignored` says which
/// names may go unused. Weights of matmuls and tables of embeddings (two or four axes) stay in the
/// file, in its type: matmul makes its panels when it first reads a weight and gives the pages of
/// the file back, so that a model is not held twice, and what is never used is never read. Vectors
/// and position embeddings are copied to f32.
void load(Module& module, const tensor::TensorMap& tensors, const std::string& source,
          const std::function<bool(std::string_view)>& ignored);

/// The first half of `load`: throws what it would throw, and reads no data.
void expect_fit(Module& module, const tensor::TensorMap& tensors, const std::string& source,
                const std::function<bool(std::string_view)>& ignored);

/// The parameters of a module by name (sharing its memory): what `load` would take.
tensor::TensorMap parameters(Module& module);

/// The shapes a module expects, by name, without any data.
std::vector<std::pair<std::string, tensor::Shape>> parameter_shapes(Module& module);

}  // namespace nn
