// Folders that come with the program: the built-in model, the parser of the metrics.
#pragma once

#include <filesystem>
#include <string>

namespace base {

/// <prefix>/share/blip/NAME of an installation, or weights/NAME in the folder of the executable or
/// in one above it (a source tree with its build folder), whichever holds the file `marker`.
/// FileError: `absent`, where it was looked for, and `advice`.
std::filesystem::path bundled_folder(const std::string& name, const std::string& marker,
                                     const std::string& absent, const std::string& advice);

}  // namespace base
