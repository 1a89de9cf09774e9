#include "tools/output_files.h"

#include <system_error>

#include "base/error.h"

namespace tools {
namespace {

namespace fs = std::filesystem;
using base::str;

bool are_same(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return fs::weakly_canonical(a, ignored) == fs::weakly_canonical(b, ignored) ||
         fs::equivalent(a, b, ignored);
}

void expect_writable(const fs::path& path) {
  std::error_code ignored;
  const fs::path folder = path.parent_path();
  if (!folder.empty() && !fs::is_directory(folder, ignored)) {
    throw base::FileError(
        str(path.string(), ": cannot write: there is no folder ", folder.string()));
  }
  if (fs::is_directory(path, ignored)) {
    throw base::FileError(str(path.string(), ": cannot write: is a folder"));
  }
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
    throw base::FileError(str(path.string(), ": cannot write: is not a regular file"));
  }
}

bool is_input(const fs::path& path, const fs::path& input) {
  if (input.empty()) return false;
  std::error_code ignored;
  if (!fs::is_directory(input, ignored)) return are_same(path, input);
  for (fs::directory_iterator file(input, ignored), end; file != end; file.increment(ignored)) {
    if (are_same(path, file->path())) return true;
  }
  return false;
}

}  // namespace

void check_output_files(std::span<const OutputFile> outputs, std::span<const fs::path> inputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& [option, path] = outputs[i];
    if (path.empty()) continue;
    expect_writable(path);
    for (const fs::path& input : inputs) {
      if (is_input(path, input)) {
        throw base::UsageError(
            str(option, ": ", path.string(), " is an input, which it would replace"));
      }
    }
    for (const OutputFile& other : outputs.first(i)) {
      if (!other.path.empty() && are_same(path, other.path)) {
        throw base::UsageError(str(option, ": ", path.string(), " is written by ", other.option));
      }
    }
  }
}

}  // namespace tools
