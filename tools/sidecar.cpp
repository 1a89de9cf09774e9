#include "tools/sidecar.h"

#include <map>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/file_lock.h"
#include "base/temporary.h"
#include "tools/picture_list.h"

namespace fs = std::filesystem;

namespace tools {

using base::str;

Sidecars::Sidecars(std::string extension, Existing existing)
    : extension_(std::move(extension)), existing_(existing) {
  if (extension_.size() < 2 || extension_[0] != '.' || extension_.find('/') != std::string::npos) {
    throw base::UsageError(str("--sidecar ", extension_, ": expected an extension such as .txt"));
  }
  if (has_picture_extension("x" + extension_)) {
    throw base::UsageError(str("--sidecar ", extension_, " would overwrite pictures"));
  }
}

void Sidecars::reserve(const std::vector<std::string>& pictures) {
  std::map<fs::path, std::string> owners;
  std::set<fs::path> folders;
  for (const std::string& picture : pictures) {
    const fs::path path = fs::path(picture).replace_extension(extension_);
    const auto [owner, is_new] = owners.emplace(path.lexically_normal(), picture);
    std::string& conflict = conflicts_.emplace_back();
    if (path == fs::path(picture)) {
      conflict = str(picture, ": its text file would replace the picture itself");
    } else if (!is_new) {
      conflict =
          str(picture, ": its text file ", path.native(), " is that of ", owner->second, ", too");
    }
    paths_.push_back(path);
    folders.insert(path.has_parent_path() ? path.parent_path() : fs::path("."));
  }
  // Also where nothing is to be written this time.
  for (const fs::path& folder : folders) base::remove_leftovers(folder);
}

bool Sidecars::wanted(std::size_t i) const {
  if (!conflicts_[i].empty()) throw base::FileError(conflicts_[i]);
  const std::string& name = paths_[i].native();
  std::error_code unknown;
  const fs::file_type type = fs::symlink_status(paths_[i], unknown).type();
  if (type == fs::file_type::not_found) return true;
  if (existing_ == Existing::refuse) {
    throw base::FileError(str(name, " exists; use --skip-existing, --overwrite or --append"));
  }
  const fs::file_type target = fs::status(paths_[i], unknown).type();
  if (target == fs::file_type::directory) throw base::FileError(str(name, " is a folder"));
  if (target == fs::file_type::not_found) return true;  // a link to a file that is not there yet
  if (target != fs::file_type::regular) throw base::FileError(str(name, " is not a regular file"));
  return existing_ != Existing::skip;
}

void Sidecars::write(std::size_t i, const std::vector<std::string>& captions) const {
  const fs::path& path = paths_[i];
  // Other runs that write into this folder wait, so that none reads what another is about to
  // replace. The lock is the folder's: a file is another one after each replacement.
  const base::FileLock turn =
      base::FileLock::wait_for(path.has_parent_path() ? path.parent_path() : fs::path("."));
  if (!wanted(i)) return;  // another run was faster
  std::string content;
  if (existing_ == Existing::append && fs::exists(path)) {
    content = base::read_file(path);
    if (!content.empty() && content.back() != '\n') content += '\n';
  }
  for (const std::string& caption : captions) content += caption + '\n';
  base::replace_file(path, content);
}

}  // namespace tools
