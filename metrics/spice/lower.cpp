#include "metrics/spice/lower.h"

#include <algorithm>

#include "metrics/english/unicode.h"

namespace metrics::spice {

std::string lower(std::string_view text) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!std::all_of(text.begin(), text.end(), is_ascii)) {
    return english::encode_utf8(english::lower_case(english::decode_utf8(text)));
  }
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

}  // namespace metrics::spice
