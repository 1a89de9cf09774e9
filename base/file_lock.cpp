#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace base {

FileLock FileLock::take(const std::filesystem::path& path, int operation) {
  // O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
  FileLock lock(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!lock.held()) return lock;
  int result = 0;
  do {
    result = ::flock(lock.fd_, operation);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? std::move(lock) : FileLock();
}

FileLock FileLock::wait_for(const std::filesystem::path& path) {
  return take(path, LOCK_EX);
}

FileLock FileLock::try_for(const std::filesystem::path& path) {
  return take(path, LOCK_EX | LOCK_NB);
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

bool FileLock::is_of(const std::filesystem::path& path) const {
  struct stat locked {
  }, named{};
  return held() && ::fstat(fd_, &locked) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

}  // namespace base
