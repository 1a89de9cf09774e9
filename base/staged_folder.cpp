#include "base/staged_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

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

/// The same file under a second name, or a copy where the file system has no second names. A link
/// stays a link.
void link_or_copy(const fs::path& from, const fs::path& to) {
  if (::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0) == 0) return;
  fs::copy(from, to, fs::copy_options::copy_symlinks);
}

/// Puts what a folder holds into another one, but for names that are taken there or `left_out`.
void link_entries(const fs::path& from, const fs::path& to,
                  const std::vector<std::string>& left_out) {
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    const std::string name = entry.path().filename().native();
    if (is_temporary_name(name) ||
        std::find(left_out.begin(), left_out.end(), name) != left_out.end()) {
      continue;
    }
    const fs::path place = to / name;
    if (entry.symlink_status().type() == fs::file_type::directory) {
      if (!fs::exists(fs::symlink_status(place))) fs::create_directory(place, entry.path());
      if (!fs::is_symlink(place) && fs::is_directory(place)) link_entries(entry.path(), place, {});
    } else if (!fs::exists(fs::symlink_status(place))) {
      link_or_copy(entry.path(), place);
    }
  }
}

}  // namespace

StagedFolder::StagedFolder(const fs::path& target, bool overwrite,
                           std::vector<std::string> obsolete)
    : overwrite_(overwrite), obsolete_(std::move(obsolete)) {
  if (target.empty()) throw UsageError("the folder to write has an empty name");
  guarded(target, [&] {
    target_ = fs::absolute(target).lexically_normal();
    if (!target_.has_filename()) target_ = target_.parent_path();  // "folder/"
    if (fs::exists(target_)) {
      target_ = fs::canonical(target_);  // what a link points to is replaced, not the link
      check_target(target);
    } else if (fs::is_symlink(target_)) {
      throw FileError(str(target.string(), ": is a link to something that does not exist"));
    }
    fs::create_directories(target_.parent_path());
    staged_.emplace(target_.parent_path(), Temporary::Kind::folder);
  });
}

/// Refuses a target that exists and cannot be replaced, before anything is written.
void StagedFolder::check_target(const fs::path& given) const {
  if (!fs::is_directory(target_)) {
    throw FileError(str(given.string(), ": exists and is not a folder"));
  }
  if (!overwrite_ && !fs::is_empty(target_)) {
    throw UsageError(str(given.string(), ": exists and is not empty; --overwrite writes into it"));
  }
  struct stat folder {
  }, parent{};
  if (::stat(target_.c_str(), &folder) == 0 &&
      ::stat(target_.parent_path().c_str(), &parent) == 0 && folder.st_dev != parent.st_dev) {
    throw FileError(str(given.string(),
                        ": is where another file system begins, and cannot be replaced as a whole; "
                        "name a folder in it"));
  }
}

void StagedFolder::commit() {
  guarded(target_, [&] {
    const FileLock turn = FileLock::wait_for(target_.parent_path());
    const fs::path& staged = staged_->path();
    const bool existed = fs::is_directory(target_);
    const fs::perms allowed = existed ? fs::status(target_).permissions() : fs::perms::none;
    if (existed) fs::permissions(staged, allowed);
    // Takes the place of nothing or of an empty folder, and of no other.
    if (::rename(staged.c_str(), target_.c_str()) == 0) return staged_->release();
    if (errno != ENOTEMPTY && errno != EEXIST) {
      throw fs::filesystem_error("rename", target_,
                                 std::error_code(errno, std::generic_category()));
    }
    if (!overwrite_) {
      throw FileError(str(target_.string(), ": another program has written it meanwhile"));
    }
    fs::permissions(staged, fs::perms::owner_all, fs::perm_options::add);
    link_entries(target_, staged, obsolete_);
    fs::permissions(staged, allowed);
    exchange_names(staged, target_);
  });
  staged_.reset();  // removes what was there
}

void exchange_names(const fs::path& a, const fs::path& b) {
  constexpr unsigned kExchange = 1 << 1;  // RENAME_EXCHANGE
  if (::syscall(SYS_renameat2, AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), kExchange) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) {
    throw fs::filesystem_error("exchange", a, b, std::error_code(errno, std::generic_category()));
  }
  constexpr std::size_t kLongest = 200;  // of 255 bytes
  const std::string name = b.filename().native().substr(0, kLongest) + ".old";
  exchange_names(a, b, b.parent_path() / (name + a.filename().native()));
}

void exchange_names(const fs::path& a, const fs::path& b, const fs::path& aside) {
  fs::rename(b, aside);
  try {
    fs::rename(a, b);
  } catch (const fs::filesystem_error&) {
    std::error_code ignored;
    fs::rename(aside, b, ignored);
    throw;
  }
  fs::rename(aside, a);
}

}  // namespace base
