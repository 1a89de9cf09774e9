#include "tools/output.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"

namespace tools {

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      throw OutputClosed();
    } else if (errno != EINTR) {
      throw base::FileError(base::str("cannot write standard output: ", std::strerror(errno)));
    }
  }
}

std::string escape_field(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '\\':
        result += "\\\\";
        break;
      case '\t':
        result += "\\t";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\r':
        result += "\\r";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string json_string(std::string_view bytes) {
  std::string result = "\"";
  std::string valid;  // a run of UTF-8
  const auto flush = [&] {
    const std::string quoted = base::Json(valid).dump();
    result.append(quoted, 1, quoted.size() - 2);
    valid.clear();
  };
  while (!bytes.empty()) {
    const std::size_t length = base::utf8_length(bytes);
    if (length > 0) {
      valid += bytes.substr(0, length);
    } else {
      flush();
      constexpr std::string_view kDigits = "0123456789abcdef";
      const auto byte = static_cast<uint8_t>(bytes[0]);
      result += "\\udc";
      result += kDigits[byte >> 4];
      result += kDigits[byte & 15];
    }
    bytes.remove_prefix(length > 0 ? length : 1);
  }
  flush();
  return result + '"';
}

std::string json_number(float value) {
  if (!std::isfinite(value)) return "null";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

}  // namespace tools
