// How explanations are laid out.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "base/utf8.h"
#include "metrics/tokens.h"
#include "report/html.h"
#include "scoring/explain_parts.h"

namespace scoring {
namespace {

using report::with_commas;

constexpr std::size_t kLineColumns = 100, kPieceColumns = 60;

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == kPieceColumns) return result + "...";
    const std::size_t length = base::utf8_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    const bool control = length == 0 || (length == 1 && (first < 0x20 || first == 0x7f)) ||
                         (length == 2 && first == 0xc2 && (text[1] & 0xe0) == 0x80);
    if (control) {
      result += "\ufffd";
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(std::max(length, std::size_t{1}));
  }
  return result;
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string left(const std::string& text, std::size_t width) {
  const std::size_t taken = columns(text);
  return text + std::string(width > taken ? width - taken : 0, ' ');
}

std::string right(const std::string& text, std::size_t width) {
  const std::size_t taken = columns(text);
  return std::string(width > taken ? width - taken : 0, ' ') + text;
}

std::string paragraph(const std::string& lead, std::span<const std::string> pieces) {
  const std::size_t indent = columns(lead);
  std::string text = lead;
  std::size_t column = indent;
  for (const std::string& piece : pieces) {
    const std::size_t width = columns(piece);
    const bool first = column == indent;
    if (!first && column + 1 + width > kLineColumns) {
      text += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      text += ' ';
      ++column;
    }
    text += piece;
    column += width;
  }
  text.resize(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string paragraph(const std::string& lead, const std::string& text) {
  std::vector<std::string> words;
  for (const std::string_view word : metrics::split(text)) words.emplace_back(word);
  return paragraph(lead, words);
}

std::vector<std::string> listed(std::span<const std::string> pieces, std::size_t most) {
  std::vector<std::string> list;
  for (const std::string& piece : pieces.first(std::min(pieces.size(), most))) {
    list.push_back(printable(piece) + (list.size() + 1 < pieces.size() ? "," : ""));
  }
  if (pieces.size() > most) {
    list.push_back("and");
    list.push_back(with_commas(static_cast<long long>(pieces.size() - most)));
    list.push_back("more");
  }
  return list;
}

std::string digits(double value) {
  char text[32];
  if (value != 0 && std::abs(value) < 1e-4) {
    std::snprintf(text, sizeof text, "%.3g", value);
  } else {
    std::snprintf(text, sizeof text, "%.4f", value);
  }
  return text;
}

std::string fraction(double numerator, double denominator) {
  char text[96];
  std::snprintf(text, sizeof text, "%g/%g = ", numerator, denominator);
  return text + digits(numerator / denominator);
}

}  // namespace scoring
