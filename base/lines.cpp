#include "base/lines.h"

#include <algorithm>
#include <istream>

namespace base {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

}  // namespace

std::string_view without_byte_order_mark(std::string_view text, const std::string& name) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw FormatError(str(name, ": the text is UTF-16, expected UTF-8"));
  }
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  return text;
}

Lines::Lines(std::string_view text, std::string name)
    : LineNumber(std::move(name)), rest_(without_byte_order_mark(text, name_)) {}

std::optional<std::string_view> Lines::next() {
  if (rest_.empty()) return std::nullopt;
  ++number_;
  const std::size_t end = std::min(rest_.find('\n'), rest_.size());
  std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

StreamLines::StreamLines(std::istream& stream, std::string name)
    : LineNumber(std::move(name)), stream_(stream) {}

bool StreamLines::next(std::string& line) {
  if (!std::getline(stream_, line)) {
    if (stream_.bad()) throw FileError(str(name_, ": cannot be read to its end"));
    return false;
  }
  ++number_;
  if (line.ends_with('\r')) line.pop_back();
  if (number_ == 1) line = without_byte_order_mark(line, name_);
  return true;
}

}  // namespace base
