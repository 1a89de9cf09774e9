#include "metrics/english/ptb_tokenizer.h"

namespace metrics::english {

std::vector<std::string> ptb_tokenize(std::string_view line) {
  std::vector<std::string> tokens;
  const auto is_word = [](char c) {
    return c < 0 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           c == '-' || c == '/' || c == '&';
  };
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = at;
    while (end < line.size() && is_word(line[end])) ++end;
    if (end == at) ++end;
    if (line[at] > ' ' || line[at] < 0) tokens.emplace_back(line.substr(at, end - at));
    at = end;
  }
  return tokens;
}

}  // namespace metrics::english
