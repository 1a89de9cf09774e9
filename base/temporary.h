// What is being written lies beside its final place under a temporary name, and takes its name when
// it is complete.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/file_lock.h"

namespace base {

/// An empty file or folder with a temporary name, which is removed unless it gets a final one. The
/// name is hidden, random (processes with equal numbers in two containers do not meet) and 31 bytes
/// long, whatever the final name is; it is locked while its maker lives, by which others can tell
/// it from a leftover.
class Temporary {
 public:
  enum class Kind { file, folder };

  /// Makes it in `folder`. The first of a process in a folder removes what dead processes left
  /// there (remove_leftovers). std::filesystem::filesystem_error if it cannot be made.
  Temporary(const std::filesystem::path& folder, Kind kind);
  ~Temporary();
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// It has its final name: nothing is removed.
  void release() { path_.clear(); }

 private:
  std::filesystem::path path_;
  FileLock lock_;
};

/// Whether a file's name is a temporary one.
bool is_temporary_name(std::string_view name);

/// Removes the temporary files and folders in a folder whose makers have ended. Those of another
/// machine, whose locks may not reach this one, must be a day old, too. Never throws.
void remove_leftovers(const std::filesystem::path& folder) noexcept;

}  // namespace base
