#include "report/html.h"

#include <cstdio>

#include "base/error.h"
#include "base/utf8.h"

namespace report {
namespace {

constexpr std::size_t kWordsShown = 120, kBytesShown = 2000;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// C0 controls and DEL; those of C1 are two bytes, C2 80 to C2 9F.
bool is_control(std::string_view character) {
  const auto byte = static_cast<unsigned char>(character[0]);
  if (character.size() == 2) return byte == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
  return byte == 0x7f || (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r');
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string html;
  html.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = base::utf8_length(text);
    const std::string_view character = text.substr(0, length);
    if (length == 0 || is_control(character)) {
      html += "\ufffd";
    } else if (character == "&") {
      html += "&amp;";
    } else if (character == "<") {
      html += "&lt;";
    } else if (character == ">") {
      html += "&gt;";
    } else if (character == "\"") {
      html += "&quot;";
    } else if (character == "'") {
      html += "&#39;";
    } else {
      html += character;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return html;
}

CutCaption cut_caption(std::string_view caption) {
  CutCaption cut;
  std::size_t left = kBytesShown;
  for (std::size_t i = 0; i < caption.size();) {
    if (is_space(caption[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < caption.size() && !is_space(caption[end])) ++end;
    if (cut.words.size() == kWordsShown || left == 0) {
      ++cut.left_out;
    } else {
      std::size_t length = std::min(end - i, left);
      cut.shortened = length < end - i;
      // Not inside a character: its later bytes are 10xxxxxx.
      while (cut.shortened && length > 0 && (caption[i + length] & 0xc0) == 0x80) --length;
      cut.words.emplace_back(caption.substr(i, length));
      left = cut.shortened ? 0 : left - length;
    }
    i = end;
  }
  return cut;
}

std::string caption_html(std::string_view caption, const std::vector<bool>& marked) {
  const CutCaption cut = cut_caption(caption);
  std::string html = "<span class=\"caption\" dir=\"auto\">";
  for (std::size_t i = 0; i < cut.words.size(); ++i) {
    if (i > 0) html += ' ';
    const std::string word = escape_html(cut.words[i]);
    html += i < marked.size() && marked[i] ? "<mark>" + word + "</mark>" : word;
  }
  if (cut.words.empty()) html += "<i class=\"muted\">(empty)</i>";
  if (cut.shortened) html += "…";
  if (cut.left_out > 0) {
    html += base::str(" <i class=\"muted\">… ", with_commas(static_cast<long long>(cut.left_out)),
                      " more words</i>");
  }
  return html + "</span>";
}

std::string fixed(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string with_commas(long long value) {
  std::string digits = std::to_string(value);
  const std::size_t first = digits[0] == '-' ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

}  // namespace report
