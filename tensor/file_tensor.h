// What the readers of model files share.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tensor/tensor.h"

namespace tensor {

/// A FormatError (`name` first) if elements are booleans and a byte is neither 0 nor 1.
void expect_booleans(DType dtype, std::span<const std::byte> bytes, const std::string& name);

/// A tensor of bytes that lie in a mapped file, little-endian and contiguous: mapped if they are
/// aligned for their elements, copied if not. `bytes` must be as long as shape and type say.
/// Booleans are checked as above.
Tensor file_tensor(const Shape& shape, DType dtype, std::shared_ptr<const base::MappedFile> file,
                   std::span<const std::byte> bytes, const std::string& name);

/// What often lies under the name of a model file and is none: an HTML page of an error, a git-lfs
/// pointer. A sentence that says so and what to do, or nothing.
std::string_view mistaken_download(std::span<const std::byte> content);

/// Whether content begins with the given bytes.
bool begins_with(std::span<const std::byte> content, std::string_view prefix);

}  // namespace tensor
