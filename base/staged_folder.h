// A folder that appears with all of its files, or not at all.
#pragma once

#include <filesystem>

namespace base {

/// Files are written into path(), beside their final place, and take it with commit(). Without a
/// commit (an exception on the way) nothing is left.
class StagedFolder {
 public:
  /// UsageError if `target` is a folder with files in it, unless `overwrite`; FileError if it is
  /// something else or its parent cannot be written. Missing parents are made.
  StagedFolder(const std::filesystem::path& target, bool overwrite);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Moves the files to the target. A folder that was there keeps its other files; each file of the
  /// same name is replaced at once.
  void commit();

 private:
  std::filesystem::path target_, path_;
};

}  // namespace base
