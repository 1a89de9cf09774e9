// What was meant by a name that does not exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace tools {

/// The options of a command ("--num-beams") and its subcommands.
std::vector<std::string> names_of(const CLI::App& command);

/// The candidate nearest to `name` by single-character edits (Levenshtein distance), or "" if none
/// is within a third of its length. A value after '=' is not compared.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace tools
