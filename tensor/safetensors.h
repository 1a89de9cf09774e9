// The safetensors format (huggingface.co/docs/safetensors): 8 bytes of header length, a JSON header
// with type, shape and byte range of each tensor, then the data. Files are mapped, tensors share
// the mapping; every number of the header is checked before it is used.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "tensor/tensor.h"

namespace tensor {

/// Tensors by name, in the order of their names.
using TensorMap = std::map<std::string, Tensor>;

/// The header's free text, by key.
using Metadata = std::map<std::string, std::string>;

/// Reads a file. FormatError if the header lies: ranges that overlap, leave a gap or pass the end,
/// sizes that do not follow from type and shape, duplicate or ill-formed entries. Types are those
/// of DType; others (F8_E4M3, ...) are refused by name. A tensor that the file does not align to
/// its elements is copied. `metadata`, if given, receives the header's __metadata__.
TensorMap read_safetensors(const std::filesystem::path& path, Metadata* metadata = nullptr);

/// What the header says of a tensor.
struct TensorType {
  Shape shape;
  DType dtype = DType::f32;
};

/// Writes a file, replacing it atomically. The data begins at a multiple of 64 bytes and wider
/// elements come first (the format allows no gaps), names in order among equals, so that every
/// tensor is aligned to its elements.
void write_safetensors(const std::filesystem::path& path, const TensorMap& tensors,
                       const Metadata& metadata = {});
/// The same with one tensor in memory at a time: `tensor(name)` is asked once for each, in the
/// order of the file, and must return what `types` promised (else ShapeError or DTypeError). Pages
/// of mapped tensors are given back when written.
void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, TensorType>& types,
                       const std::function<Tensor(const std::string&)>& tensor,
                       const Metadata& metadata = {});

}  // namespace tensor
