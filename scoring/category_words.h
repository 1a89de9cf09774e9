// The words that name categories, from a file.
#pragma once

#include <filesystem>
#include <vector>

#include "data/captions.h"
#include "metrics/attributes.h"

namespace scoring {

/// Reads {"15": "t-shirt", "4": ["dress", "gown"], ...}: a category's number and what captions call
/// it, the first of which is its name from now on. Pictures with a number for a category get that
/// name. The words come in the order of the file. FileError, FormatError.
std::vector<metrics::CategoryWord> read_category_words(
    const std::filesystem::path& path, std::vector<data::ReferencePicture>& pictures);

}  // namespace scoring
