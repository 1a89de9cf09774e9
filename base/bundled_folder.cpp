#include "base/bundled_folder.h"

#include "base/error.h"

namespace fs = std::filesystem;

namespace base {

fs::path bundled_folder(const std::string& name, const std::string& marker,
                        const std::string& absent, const std::string& advice) {
  std::error_code unknown;
  const fs::path executable = fs::read_symlink("/proc/self/exe", unknown);
  const auto is_it = [&](const fs::path& folder) {
    std::error_code error;
    return fs::exists(folder / marker, error);
  };
  const fs::path installed = executable.parent_path().parent_path() / "share/blip" / name;
  if (is_it(installed)) return installed;
  for (fs::path folder = executable.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    if (is_it(folder / "weights" / name)) return folder / "weights" / name;
    if (folder == folder.parent_path()) break;
  }
  throw FileError(str(absent, ": looked for ", installed.string(), " and for weights/", name,
                      " in ", executable.parent_path().string(), " and the folders above it; ",
                      advice));
}

}  // namespace base
