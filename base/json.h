// JSON, read through nlohmann/json with what a careful reader adds: an error names the file and the
// line, a duplicate key in an object is refused (the library keeps the last silently, and a file
// that says two things is broken), and nesting is limited.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace base {

using Json = nlohmann::ordered_json;

enum class JsonNumbers {
  kStrict,
  /// NaN, Infinity and -Infinity, which Python's json module writes, are numbers too.
  kPython,
};

/// Parses a whole text; `name` is what errors (FormatError) call it.
Json parse_json(std::string_view text, const std::string& name,
                JsonNumbers numbers = JsonNumbers::kStrict);
/// Reads and parses a file.
Json read_json(const std::filesystem::path& path);

}  // namespace base
