#include "base/staged_folder.h"

#include <unistd.h>

#include <system_error>

#include "base/error.h"

namespace base {
namespace {

namespace fs = std::filesystem;

/// Runs file system calls; their exceptions become a FileError about `path`.
template <class F>
void guarded(const fs::path& path, const F& call) {
  try {
    call();
  } catch (const fs::filesystem_error& error) {
    throw FileError(str(path.string(), ": cannot write: ", error.code().message()));
  }
}

}  // namespace

StagedFolder::StagedFolder(const fs::path& target, bool overwrite) {
  guarded(target, [&] {
    target_ = fs::absolute(target).lexically_normal();
    if (!target_.has_filename()) target_ = target_.parent_path();  // "folder/"
    if (fs::exists(target_) && !fs::is_directory(target_)) {
      throw FileError(str(target.string(), ": exists and is not a folder"));
    }
    if (!overwrite && fs::exists(target_) && !fs::is_empty(target_)) {
      throw UsageError(
          str(target.string(), ": exists and is not empty; --overwrite writes into it"));
    }
    fs::create_directories(target_.parent_path());
    fs::path beside = target_;
    beside += str(".partial", ::getpid());
    if (!fs::create_directory(beside)) {
      throw FileError(str(beside.string(), ": exists already; remove it"));
    }
    path_ = beside;
  });
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

void StagedFolder::commit() {
  guarded(target_, [&] {
    fs::create_directory(target_);
    if (fs::is_empty(target_)) {
      fs::rename(path_, target_);
    } else {
      for (const auto& file : fs::directory_iterator(path_)) {
        fs::rename(file.path(), target_ / file.path().filename());
      }
      fs::remove(path_);
    }
  });
  path_.clear();
}

}  // namespace base
