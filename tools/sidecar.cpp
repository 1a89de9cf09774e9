#include "tools/sidecar.h"

#include <map>

#include "base/error.h"
#include "base/file.h"
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
  }
}

bool Sidecars::wanted(std::size_t i) const {
  if (!conflicts_[i].empty()) throw base::FileError(conflicts_[i]);
  std::error_code unknown;
  if (!fs::exists(fs::symlink_status(paths_[i], unknown))) return true;
  if (existing_ == Existing::refuse) {
    throw base::FileError(
        str(paths_[i].native(), " exists; use --skip-existing, --overwrite or --append"));
  }
  return existing_ != Existing::skip;
}

void Sidecars::write(std::size_t i, const std::vector<std::string>& captions) const {
  std::string content;
  if (existing_ == Existing::append && fs::exists(paths_[i])) {
    content = base::read_file(paths_[i]);
    if (!content.empty() && content.back() != '\n') content += '\n';
  }
  for (const std::string& caption : captions) content += caption + '\n';
  base::replace_file(paths_[i], content);
}

}  // namespace tools
