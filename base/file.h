// Files: mapped for reading, replaced atomically for writing. Errors are base::FileError and name
// the path and the system's reason.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace base {

/// A whole file mapped read-only. Pages are loaded when touched and can be given back, so a file
/// larger than the free memory can be read through once.
class MappedFile {
 public:
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::filesystem::path& path() const { return path_; }

  /// Gives the whole pages inside [data, data + size) back to the system. They stay readable (the
  /// next touch loads them from the file again).
  void release(const void* data, std::size_t size) const;

 private:
  MappedFile(std::filesystem::path path, const std::byte* data, std::size_t size)
      : path_(std::move(path)), data_(data), size_(size) {}

  std::filesystem::path path_;
  const std::byte* data_;
  std::size_t size_;
};

/// The whole content of a regular file, at most `limit` bytes of it (more is a FormatError).
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 30);

/// The same of a regular file, of a pipe, which is read to its end, or of standard input (`-`).
std::string read_file_or_pipe(const std::filesystem::path& path,
                              std::size_t limit = std::size_t{1} << 30);

/// Writes a file so that readers see the old content or the new, never a part: `write` fills a
/// temporary file beside `path` (base/temporary.h), which then takes its name. On an error nothing
/// is left behind. A link stays, its file is replaced; who may read and write stays, too. Devices
/// and pipes are refused.
void replace_file(const std::filesystem::path& path,
                  const std::function<void(std::ostream&)>& write);
void replace_file(const std::filesystem::path& path, std::string_view content);

}  // namespace base
