#include "metrics/meteor/normalizer.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "base/file.h"
#include "base/lines.h"
#include "base/utf8.h"
#include "metrics/english/unicode.h"

namespace metrics::meteor {

using base::decode_utf8;
using base::encode_utf8;

namespace {

/// A dot that belongs to a run of dots. Runs stay whole while other dots are judged; no text can
/// hold this number, which is behind Unicode's last.
constexpr char32_t kRunDot = 0x110000;
constexpr std::u32string_view kWhitespace = U" \t\n\r\f";

bool between(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

bool is_digit(char32_t c) {
  return between(c, U'0', U'9');
}

bool is_lower_ascii(char32_t c) {
  return between(c, U'a', U'z');
}

/// The letters of the original: Western European, Cyrillic, phonetic.
bool is_letter(char32_t c) {
  return is_lower_ascii(c) || between(c, U'A', U'Z') ||
         (between(c, 0xC0, 0x17E) && c != 0xD7 && c != 0xF7) || between(c, 0x400, 0x527) ||
         between(c, 0xA640, 0xA66E) || between(c, 0xA67E, 0xA697) || between(c, 0x1D00, 0x1D7F);
}

bool is_letter_or_digit(char32_t c) {
  return is_letter(c) || is_digit(c);
}

/// Puts spaces round every character that no later step looks at.
std::u32string separate_symbols(std::u32string_view line) {
  const auto stays = [](char32_t c) {
    return is_letter_or_digit(c) || between(c, U'\t', U'\r') ||
           std::u32string_view(U" .'`,-\u2018\u2019").find(c) != std::u32string_view::npos;
  };
  std::u32string out = U" ";
  for (char32_t c : line) {
    if (stays(c)) {
      out += c;
    } else {
      out.append({U' ', c, U' '});
    }
  }
  return out += U' ';
}

std::u32string protect_runs_of_dots(std::u32string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_not_of(U'.', at), text.size());
    if (end - at < 2) {
      out += text[at++];
    } else {
      out.append(U" ").append(end - at, kRunDot).append(U" ");
      at = end;
    }
  }
  return out;
}

std::u32string replace_all(std::u32string_view text, std::u32string_view from,
                           std::u32string_view to) {
  std::u32string out;
  std::size_t begin = 0;
  for (std::size_t at; (at = text.find(from, begin)) != text.npos; begin = at + from.size()) {
    out.append(text, begin, at - begin).append(to);
  }
  return out.append(text, begin);
}

/// Replaces `middle` where its neighbours fit, in one pass from left to right. As in a regular
/// expression ([left])middle([right]), the neighbours are used up by a hit: the right one cannot be
/// the left one of the next, so that "'" is found once in "a'b'c".
template <class Left, class Right>
void replace_between(std::u32string& text, Left left, char32_t middle, Right right,
                     std::u32string_view to) {
  std::u32string out;
  std::size_t begin = 0;  // of what is not copied yet, and not used up
  for (std::size_t at = text.find(middle, 1); at < text.size() - 1; at = text.find(middle, at)) {
    if (at > begin && left(text[at - 1]) && right(text[at + 1])) {
      out.append(text, begin, at - begin).append(to) += text[at + 1];
      begin = at + 2;
    }
    ++at;
  }
  text = out.append(text, begin);
}

void separate_commas(std::u32string& text) {
  const auto other = [](char32_t c) { return !is_digit(c); };
  replace_between(text, other, U',', other, U" , ");
  replace_between(text, is_digit, U',', other, U" , ");
  replace_between(text, other, U',', is_digit, U" , ");
}

/// A contraction belongs to the right: "it's" becomes "it 's". Every other apostrophe stands alone.
void separate_apostrophes(std::u32string& text) {
  const auto no_letter = [](char32_t c) { return !is_letter(c); };
  const auto neither = [](char32_t c) { return !is_letter_or_digit(c); };
  replace_between(text, no_letter, U'\'', no_letter, U" ' ");
  replace_between(text, neither, U'\'', is_letter, U" ' ");
  replace_between(text, is_letter, U'\'', no_letter, U" ' ");
  replace_between(text, is_letter, U'\'', is_letter, U" '");
  replace_between(
      text, is_digit, U'\'', [](char32_t c) { return c == U's'; }, U" '");
}

std::vector<std::u32string_view> split(std::u32string_view text) {
  std::vector<std::u32string_view> words;
  std::size_t begin = text.find_first_not_of(kWhitespace);
  while (begin != text.npos) {
    const std::size_t end = std::min(text.find_first_of(kWhitespace, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kWhitespace, end);
  }
  return words;
}

/// A word that ends in a dot, without what is no part of it: "U.S." is "US", "Mr." stays, the dot
/// of "end." becomes a word. `next` is the word behind it, empty at the end of the line.
std::u32string detach_dot(std::u32string_view word, std::u32string_view next,
                          const Abbreviations& abbreviations) {
  const std::u32string stem(word.substr(0, word.size() - 1));
  if (stem.find(U'.') != stem.npos && std::any_of(stem.begin(), stem.end(), is_letter)) {
    return replace_all(stem, U".", U"");
  }
  const auto known = abbreviations.rules.find(stem);
  const bool listed = known != abbreviations.rules.end();
  const bool always = listed && known->second == Abbreviations::Rule::kAlways;
  const bool number = listed && !next.empty() && is_digit(next.front());
  // A sentence does not begin in lower case: whatever stands before is an abbreviation.
  const bool goes_on = !next.empty() && is_lower_ascii(next.front());
  if (always || number || goes_on) return std::u32string(word);
  return stem + U" .";
}

std::u32string detach_dots(const std::vector<std::u32string_view>& words,
                           const Abbreviations& abbreviations) {
  std::u32string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::u32string_view next = i + 1 < words.size() ? words[i + 1] : std::u32string_view();
    if (words[i].size() > 1 && words[i].back() == U'.') {
      out += detach_dot(words[i], next, abbreviations);
    } else {
      out += words[i];
    }
    out += U' ';
  }
  return out;
}

/// Spaces beyond ASCII stood as words until here; they vanish, as do control characters at either
/// end of the line.
void trim(std::u32string& text) {
  const auto is_space = [](char32_t c) {
    return between(c, 0x2000, 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xA0;
  };
  std::replace_if(text.begin(), text.end(), is_space, U' ');
  const auto visible = [](char32_t c) { return c > U' '; };
  text.erase(std::find_if(text.rbegin(), text.rend(), visible).base(), text.end());
  text.erase(text.begin(), std::find_if(text.begin(), text.end(), visible));
}

}  // namespace

Abbreviations Abbreviations::load(const std::filesystem::path& path) {
  Abbreviations abbreviations;
  const std::string text = base::read_file(path);
  base::Lines lines(text, path.string());
  while (const auto line = lines.next()) {
    std::istringstream fields{std::string(*line)};
    std::string word, mark;
    if (!(fields >> word) || word.front() == '#') continue;
    const Rule rule =
        fields >> mark && mark == "#NUMERIC_ONLY#" ? Rule::kBeforeNumber : Rule::kAlways;
    abbreviations.rules.insert_or_assign(decode_utf8(word), rule);
  }
  return abbreviations;
}

std::vector<std::string> normalized_words(std::string_view line,
                                          const Abbreviations& abbreviations) {
  std::u32string text = protect_runs_of_dots(separate_symbols(decode_utf8(line)));
  separate_commas(text);
  const auto is_quote = [](char32_t c) { return c == U'`' || c == 0x2018 || c == 0x2019; };
  std::replace_if(text.begin(), text.end(), is_quote, U'\'');
  for (const char32_t* quotes : {U"\u201C", U"\u201D", U"''"}) {
    text = replace_all(text, quotes, U" \" ");
  }
  text = replace_all(replace_all(text, U"\u2013", U"-"), U"--", U"-");
  const auto ends_part = [](char32_t c) { return is_letter_or_digit(c) || c == U'.'; };
  replace_between(text, ends_part, U'-', is_letter_or_digit, U" ");
  separate_apostrophes(text);

  text = detach_dots(split(text), abbreviations);
  std::replace(text.begin(), text.end(), kRunDot, U'.');
  trim(text);
  const std::u32string lowered = english::lower_case(text);
  std::vector<std::string> words;
  for (std::u32string_view word : split(lowered)) words.push_back(encode_utf8(word));
  return words;
}

}  // namespace metrics::meteor
