// What was meant by a name that does not exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tools {

/// The candidate nearest to `name` by single-character edits (Levenshtein distance), or "" if none
/// is within a third of its length. A value after '=' is not compared.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace tools
