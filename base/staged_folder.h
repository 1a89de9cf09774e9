// A folder that appears with all of its files, or not at all.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/temporary.h"

namespace base {

/// Files are written into path(), a temporary folder beside their final place, and take it with
/// commit(). Without a commit (an exception on the way) nothing is left.
class StagedFolder {
 public:
  /// UsageError if `target` is a folder with files in it, unless `overwrite`; FileError if it is
  /// something else or its parent cannot be written. Missing parents are made. Of a folder that is
  /// overwritten, the files named in `obsolete` go, even if no new ones take their place.
  StagedFolder(const std::filesystem::path& target, bool overwrite,
               std::vector<std::string> obsolete = {});

  const std::filesystem::path& path() const { return staged_->path(); }
  /// Gives the folder its final name. One that was there is exchanged for it as a whole, so that
  /// nobody ever sees files of both; its other files are in the new one, too. FileError if another
  /// process has made the target meanwhile, unless it is to be overwritten.
  void commit();

 private:
  void check_target(const std::filesystem::path& given) const;

  std::filesystem::path target_;
  bool overwrite_;
  std::vector<std::string> obsolete_;
  std::optional<Temporary> staged_;
};

/// Exchanges what two names of one file system stand for: at once where the system can (Linux's
/// renameat2), else by way of a third name. std::filesystem::filesystem_error.
void exchange_names(const std::filesystem::path& a, const std::filesystem::path& b);
/// The way without renameat2: what was `b` is `aside` for a moment, and stays so if it cannot go
/// on.
void exchange_names(const std::filesystem::path& a, const std::filesystem::path& b,
                    const std::filesystem::path& aside);

}  // namespace base
