#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/temporary.h"

namespace base {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* doing, int error) {
  const std::string name = path.empty() ? "a file with an empty name" : path.string();
  throw FileError(str(name, ": cannot ", doing, ": ", std::strerror(error)));
}

/// A file descriptor that closes itself.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

/// Opens a regular file for reading and tells its size.
std::size_t open_regular(const std::filesystem::path& path, Descriptor& file) {
  // O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
  file.fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file.fd < 0) fail(path, "open", errno);
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) fail(path, "read", errno);
  if (S_ISDIR(info.st_mode)) fail(path, "read", EISDIR);
  if (!S_ISREG(info.st_mode)) throw FileError(str(path.string(), ": is not a regular file"));
  return static_cast<std::size_t>(info.st_size);
}

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  Descriptor file{-1};
  const std::size_t size = open_regular(path, file);
  void* data = nullptr;
  if (size > 0) {  // mmap refuses an empty range
    data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
    if (data == MAP_FAILED) fail(path, "map", errno);
  }
  return std::shared_ptr<const MappedFile>(
      new MappedFile(path, static_cast<const std::byte*>(data), size));
}

MappedFile::~MappedFile() {
  if (size_ > 0) ::munmap(const_cast<std::byte*>(data_), size_);
}

void MappedFile::release(const void* data, std::size_t size) const {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<std::uintptr_t>(data) + page - 1) / page * page;
  const auto end = (reinterpret_cast<std::uintptr_t>(data) + size) / page * page;
  // Advice only: if the system declines, the pages stay and nothing else changes.
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  Descriptor file{-1};
  const std::size_t size = open_regular(path, file);
  if (size > limit) {
    throw FormatError(str(path.string(), ": has ", size, " bytes, at most ", limit, " expected"));
  }
  std::string content(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(file.fd, content.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "read", errno);
    if (got == 0) break;  // the file shrank while it was read
    done += static_cast<std::size_t>(got);
  }
  content.resize(done);
  return content;
}

std::string read_file_or_pipe(const std::filesystem::path& path, std::size_t limit) {
  const bool standard_input = path == "-";
  const std::filesystem::path name = standard_input ? "standard input" : path;
  std::error_code absent;
  if (!standard_input && !std::filesystem::is_fifo(path, absent)) return read_file(path, limit);
  const Descriptor opened{standard_input ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  const int fd = standard_input ? STDIN_FILENO : opened.fd;
  if (fd < 0) fail(name, "open", errno);
  std::string content;
  constexpr std::size_t kPiece = 1 << 16;
  while (true) {
    const std::size_t done = content.size();
    content.resize(done + kPiece);
    const ssize_t got = ::read(fd, content.data() + done, kPiece);
    content.resize(done + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno != EINTR) fail(name, "read", errno);
    if (got == 0) return content;
    if (content.size() > limit) {
      throw FormatError(str(name.string(), ": has more than ", limit, " bytes"));
    }
  }
}

void replace_file(const std::filesystem::path& link,
                  const std::function<void(std::ostream&)>& write) {
  if (link.empty()) fail(link, "write", ENOENT);
  // What a link points to is replaced, not the link; a device or a pipe cannot be.
  std::error_code absent;
  const bool exists = std::filesystem::exists(link, absent);
  const std::filesystem::path path = exists ? std::filesystem::canonical(link, absent) : link;
  if (exists && std::filesystem::is_directory(path, absent)) fail(link, "write", EISDIR);
  if (exists && !std::filesystem::is_regular_file(path, absent)) {
    throw FileError(str(link.string(), ": cannot write: is not a regular file"));
  }
  try {
    Temporary temporary(path.parent_path(), Temporary::Kind::file);
    errno = 0;
    std::ofstream out(temporary.path(), std::ios::binary | std::ios::trunc);
    if (!out) fail(path, "write", errno);
    write(out);
    out.flush();
    if (!out) fail(path, "write", errno);
    out.close();
    if (exists) {  // what only its owner may read stays so
      std::filesystem::permissions(temporary.path(), std::filesystem::status(path).permissions());
    }
    std::filesystem::rename(temporary.path(), path);
    temporary.release();
  } catch (const std::filesystem::filesystem_error& error) {
    throw FileError(str(link.string(), ": cannot write: ", error.code().message()));
  }
}

void replace_file(const std::filesystem::path& path, std::string_view content) {
  replace_file(path, [&](std::ostream& out) {
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
  });
}

}  // namespace base
