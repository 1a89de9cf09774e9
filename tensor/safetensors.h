// The safetensors format (huggingface.co/docs/safetensors): 8 bytes of header length, a JSON header
// with type, shape and byte range of each tensor, then the data. Files are mapped, tensors share
// the mapping; every number of the header is checked before it is used.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tensor/tensor.h"

namespace tensor {

/// Tensors by name, in the order of their names.
using TensorMap = std::map<std::string, Tensor>;

/// Reads a file. FormatError if the header lies: ranges that overlap, leave a gap or pass the end,
/// sizes that do not follow from type and shape, duplicate or ill-formed entries.
/// `metadata`, if given, receives the header's __metadata__.
TensorMap read_safetensors(const std::filesystem::path& path,
                           std::map<std::string, std::string>* metadata = nullptr);

/// Writes a file, replacing it atomically; data is aligned to 64 bytes.
void write_safetensors(const std::filesystem::path& path, const TensorMap& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace tensor
