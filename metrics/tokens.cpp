#include "metrics/tokens.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "metrics/english/ptb_tokenizer.h"
#include "metrics/english/unicode.h"

namespace metrics {
namespace {

/// What the toolkit drops, of what can stand in lower-cased text: its list also has -LRB- and the
/// like, but brackets arrive as -lrb- and stay.
constexpr std::array<std::string_view, 13> kDropped = {"''", "'", "``", "`",  ".",   "?", "!",
                                                       ",",  ":", "-",  "--", "...", ";"};

/// Python's whitespace.
constexpr std::string_view kAsciiSpaces = " \t\n\v\f\r\x1C\x1D\x1E\x1F";
constexpr std::string_view kWideSpaces[] = {"\u0085", "\u00A0", "\u1680", "\u2000", "\u2001",
                                            "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
                                            "\u2007", "\u2008", "\u2009", "\u200A", "\u2028",
                                            "\u2029", "\u202F", "\u205F", "\u3000"};

/// The bytes of the whitespace at the front, or 0.
std::size_t leading_space(std::string_view text) {
  const char c = text.front();
  if (kAsciiSpaces.find(c) != kAsciiSpaces.npos) return 1;
  if (c != '\xC2' && (c < '\xE1' || c > '\xE3')) return 0;
  for (const std::string_view space : kWideSpaces) {
    if (text.starts_with(space)) return space.size();
  }
  return 0;
}

/// Without the whitespace at the end, which can be part of an address.
std::string_view strip_end(std::string_view text) {
  for (;;) {
    std::size_t size = std::min(text.find_last_not_of(kAsciiSpaces) + 1, text.size());
    for (const std::string_view space : kWideSpaces) {
      if (text.substr(0, size).ends_with(space)) size -= space.size();
    }
    if (size == text.size()) return text;
    text = text.substr(0, size);
  }
}

/// The alphabets that have capitals: Latin, Greek, Cyrillic, Armenian.
bool is_cased(char32_t c) {
  return (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z') || (c >= 0xC0 && c <= 0x2AF) ||
         (c >= 0x370 && c <= 0x587) || (c >= 0x1E00 && c <= 0x1FFF);
}

/// Java's lower case: the last letter of a word, if it is a sigma, has a form of its own.
std::string lower(std::string_view token) {
  constexpr char32_t kSigma = 0x3A3, kFinalSigma = 0x3C2;
  if (std::all_of(token.begin(), token.end(), [](unsigned char c) { return c < 0x80; })) {
    return english::lower_ascii(token);
  }
  std::u32string codes = base::decode_utf8(token);
  const auto last = std::find_if(codes.rbegin(), codes.rend(), is_cased);
  if (last != codes.rend() && *last == kSigma && std::any_of(last + 1, codes.rend(), is_cased)) {
    *last = kFinalSigma;
  }
  return base::encode_utf8(english::lower_case(codes));
}

}  // namespace

std::string caption_tokens(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::vector<std::string> tokens = english::ptb_tokenize(line);
  if (!tokens.empty()) tokens.back().resize(strip_end(tokens.back()).size());
  std::string out;
  for (const std::string& written : tokens) {
    const std::string token = lower(written);
    if (std::find(kDropped.begin(), kDropped.end(), token) != kDropped.end()) continue;
    if (!out.empty()) out.push_back(' ');
    out += token;
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
  std::vector<std::string_view> words;
  std::size_t begin = 0, at = 0;
  const auto finish = [&] {
    if (at > begin) words.push_back(text.substr(begin, at - begin));
  };
  while (at < text.size()) {
    const std::size_t space = leading_space(text.substr(at));
    if (space == 0) {
      ++at;
      continue;
    }
    finish();
    begin = at += space;
  }
  finish();
  return words;
}

}  // namespace metrics
