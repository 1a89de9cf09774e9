#include "metrics/tokens.h"

#include <algorithm>
#include <array>

#include "metrics/english/ptb_tokenizer.h"

namespace metrics {
namespace {

/// What the toolkit drops, of what can stand in lower-cased text: its list also has -LRB- and the
/// like, but the brackets arrive as -lrb- and stay.
constexpr std::array<std::string_view, 13> kDropped = {"''", "'", "``", "`",  ".",   "?", "!",
                                                       ",",  ":", "-",  "--", "...", ";"};

void append_lower(std::string& out, std::string_view token) {
  for (const char c : token) out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
}

}  // namespace

std::string caption_tokens(std::string_view text) {
  std::string out;
  for (const std::string& token : english::ptb_tokenize(text)) {
    if (std::find(kDropped.begin(), kDropped.end(), token) != kDropped.end()) continue;
    if (!out.empty()) out.push_back(' ');
    append_lower(out, token);
  }
  return out;
}

Sample tokenized(const Sample& sample) {
  Sample out;
  out.hypothesis = caption_tokens(sample.hypothesis);
  for (const std::string& reference : sample.references) {
    out.references.push_back(caption_tokens(reference));
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r\x1c\x1d\x1e\x1f";
  std::vector<std::string_view> words;
  for (std::size_t begin = text.find_first_not_of(kSpaces); begin != text.npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpaces, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kSpaces, end);
  }
  return words;
}

}  // namespace metrics
