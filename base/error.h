// The one way in which anything in this project fails: an exception derived from base::Error.
//
// A message says which operation or file failed, what was found and what was expected:
//   layer_norm_forward: weight is [7], expected [8]
// Errors are caught at the edges only (main, the per-picture loop of a command, a worker's join).
#pragma once

#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace base {

struct Error : std::runtime_error {
  explicit Error(std::string_view message) : std::runtime_error(without_zero_bytes(message)) {}

 private:
  /// what() would end at the first zero byte: one is written \0.
  static std::string without_zero_bytes(std::string_view message) {
    std::string text;
    for (const char c : message) {
      if (c != '\0') {
        text += c;
      } else {
        text += "\\0";
      }
    }
    return text;
  }
};

/// Shapes that do not fit together.
struct ShapeError : Error {
  using Error::Error;
};
/// An element type that an operation does not take.
struct DTypeError : Error {
  using Error::Error;
};
/// A device that is absent, or tensors on different devices.
struct DeviceError : Error {
  using Error::Error;
};
/// A device has no room, or as much in use as it was allowed.
struct MemoryError : Error {
  using Error::Error;
};
/// The operating system refused: missing, unreadable, unwritable, full.
struct FileError : Error {
  using Error::Error;
};
/// A file's content is not what its format says.
struct FormatError : Error {
  using Error::Error;
};
/// A checkpoint's tensors do not match the model: all of them in one message.
struct CheckpointError : Error {
  using Error::Error;
};
/// The caller asked for something that makes no sense.
struct UsageError : Error {
  using Error::Error;
};

/// Joins its arguments as a stream prints them: `str("row ", 3, " of ", 7)`.
template <class... Parts>
std::string str(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  if (!out) throw std::bad_alloc();  // the one way in which a string stream fails
  return std::move(out).str();
}

}  // namespace base
