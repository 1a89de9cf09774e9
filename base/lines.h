// Text line by line, and what a line is, for every text file that this project reads: it ends with
// a line feed, which a carriage return may precede; the last may lack its end, and none follows the
// last end. A byte order mark of UTF-8 before the first line is left out, one of UTF-16 is refused.
// Zero bytes are bytes like others: a form that has no room for them refuses them itself.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace base {

/// `text` without the byte order mark of UTF-8, if it begins with one. FormatError, naming `name`,
/// if it begins with that of UTF-16.
std::string_view without_byte_order_mark(std::string_view text, const std::string& name);

/// Counts lines and says where a reader is.
class LineNumber {
 public:
  /// Of the line read last, from 1.
  std::int64_t number() const { return number_; }
  /// For errors: "FILE, line 3".
  std::string where() const { return str(name_, ", line ", number_); }
  template <class... What>
  [[noreturn]] void fail(const What&... what) const {
    throw FormatError(str(where(), ": ", what...));
  }

 protected:
  explicit LineNumber(std::string name) : name_(std::move(name)) {}

  std::string name_;
  std::int64_t number_ = 0;
};

/// The lines of a text in memory.
class Lines : public LineNumber {
 public:
  /// `name` is what errors call the text, which must outlive the lines.
  Lines(std::string_view text, std::string name);

  /// The next line without its end; none after the last.
  std::optional<std::string_view> next();
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// The lines of a stream, for what may not fit into memory or is typed in as it is read.
class StreamLines : public LineNumber {
 public:
  StreamLines(std::istream& stream, std::string name);

  /// Sets `line` to the next line without its end; false after the last. FileError if the stream
  /// cannot be read.
  bool next(std::string& line);

 private:
  std::istream& stream_;
};

}  // namespace base
