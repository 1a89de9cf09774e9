// Locks of files and folders between processes, which end with the process that holds them.
#pragma once

#include <filesystem>

namespace base {

/// An exclusive lock of a file or folder that exists (flock). It holds for other processes that ask
/// for it, here or, where the file system carries it, on other machines; it hinders nobody else.
class FileLock {
 public:
  FileLock() = default;
  /// Waits until nobody else has it. Where the file system knows no locks, the result is not
  /// held().
  static FileLock wait_for(const std::filesystem::path& path);
  /// Not held() if somebody else has it, or it cannot be had.
  static FileLock try_for(const std::filesystem::path& path);

  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;

  bool held() const { return fd_ >= 0; }
  /// Whether `path` still is what was locked, and not something new of that name.
  bool is_of(const std::filesystem::path& path) const;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  static FileLock take(const std::filesystem::path& path, int operation);

  int fd_ = -1;
};

}  // namespace base
