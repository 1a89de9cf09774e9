// The files that a command is to write, looked at before it begins to work.
#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace tools {

struct OutputFile {
  std::string option;          ///< that names it, for errors: "--report"
  std::filesystem::path path;  ///< empty: not asked for
};

/// Refuses what could not be written in the end (FileError), and what would replace a file that the
/// command reads or another one that it writes (UsageError), by whatever names and links. `inputs`
/// may be empty names, and folders: all their files are inputs then.
void check_output_files(std::span<const OutputFile> outputs,
                        std::span<const std::filesystem::path> inputs);

}  // namespace tools
