// Zip archives as torch.save writes them: entries stored, not compressed, so that they can be used
// where they lie in the mapped file. Zip64 included.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "base/file.h"

namespace tensor {

/// The content of each entry by its name, inside the file's bytes. FormatError if the archive is
/// compressed, encrypted, or lies: entries that overlap, pass the end, stand twice, or whose two
/// headers disagree. Checksums are not compared.
std::map<std::string, std::span<const std::byte>> read_zip(const base::MappedFile& file);

}  // namespace tensor
