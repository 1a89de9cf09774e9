// The rules for tokens that begin with a digit or a sign.
#include <algorithm>

#include "metrics/english/ptb_rules.h"
#include "metrics/english/ptb_words.h"

namespace metrics::english::ptb {
namespace {

constexpr std::u32string_view kPhoneSpaces = U"- \u00A0";
constexpr std::u32string_view kCurlyQuotes =
    U"`\u2018\u2019\u201A\u201B\u201C\u201D\u0091\u0092\u0093\u0094\u201E\u201F\u2039\u203A"
    U"\u00AB\u00BB";

bool between(char32_t c, char32_t first, char32_t last) {
  return first <= c && c <= last;
}

bool is_superscript(char32_t c) {
  return one_of(c, U"\u00B9\u00B2\u00B3\u2070") || between(c, 0x2074, 0x2079);
}

bool is_subscript(char32_t c) {
  return between(c, 0x2080, 0x2089);
}

}  // namespace

void Scanner::numbers(std::size_t at) {
  if (const std::size_t end = date(at)) offer(Rule::kDate, end);
  if (const std::size_t end = number(at)) offer(Rule::kNumber, end);
  if (const std::size_t whole = some(kDigit, at, 1, 4)) {
    if (const std::size_t end = fraction(at)) offer(Rule::kFraction, end);
    if (one_of(code(whole), U"- \u00A0")) {
      if (const std::size_t end = fraction(whole + 1)) offer(Rule::kFraction, end);
    }
  }

  const std::size_t script = one_of(code(at), U"\u207A\u207B\u208A\u208B") ? at + 1 : at;
  std::size_t end = script;
  while (is_superscript(code(end))) ++end;
  if (end == script) {
    while (is_subscript(code(end))) ++end;
  }
  if (end > script) offer(Rule::kSuperscript, end);

  const char32_t c = code(at);
  if (between(c, 0xBC, 0xBE) || between(c, 0x2153, 0x215E)) {
    offer(Rule::kFractionCharacter, at + 1);
  }
  if (one_of(c, U"$#")) offer(Rule::kDollar, at + 1);
  if (one_of(c,
             U"\u00A2\u00A3\u00A4\u00A5\u0080\u20A0\u20AC\u060B\u0E3F\u20A4\uFFE0\uFFE1\uFFE5"
             U"\uFFE6")) {
    offer(Rule::kCurrency, at + 1);
  }
}

/// (555) 123-4567, +1 555 123 4567, 555.123.4567
void Scanner::phone_numbers(std::size_t at) {
  const auto group = [&](std::size_t begin) { return some(kAsciiDigit, begin, 2, 4); };
  const auto finish = [&](std::size_t tail) {
    if (const std::size_t end = phone_number_tail(tail)) offer(Rule::kPhoneNumber, end);
  };
  if (code(at) == U'(') {
    const std::size_t area = some(kAsciiDigit, at + 1, 2, 3);
    if (area == 0 || code(area) != U')') return;
    finish(area + 1);
    if (one_of(code(area + 1), U" \u00A0")) finish(area + 2);
    return;
  }
  std::size_t begin = at;
  while (begin < at + 2 && code(begin) == U'+') ++begin;
  const std::size_t first = group(begin);
  if (first == 0) return;
  if (one_of(code(first), kPhoneSpaces)) {
    finish(first + 1);
    const std::size_t second = group(first + 1);
    if (second != 0 && one_of(code(second), kPhoneSpaces)) finish(second + 1);
  }
  if (code(first) != U'.') return;
  // Three groups with dots between, or four; a country code with + makes four.
  for (std::size_t area = first; area != 0 && code(area) == U'.'; area = group(area + 1)) {
    if (area == first && begin != at) continue;
    const std::size_t exchange = some(kAsciiDigit, area + 1, 3, 4);
    if (exchange != 0 && code(exchange) == U'.') {
      const std::size_t end = some(kAsciiDigit, exchange + 1, 3, 5);
      if (end != 0) offer(Rule::kPhoneNumber, end);
    }
    if (area != first) break;
  }
}

void Scanner::entities(std::size_t at) {
  const char32_t c = code(at);
  if (one_of(c, U"\u0096\u0097\u2013\u2014\u2015")) offer(Rule::kLongDash, at + 1);
  if (c != U'&') return;
  const auto offer_if = [&](Rule rule, std::string_view entity) {
    if (const std::size_t end = spelled(at, entity)) offer(rule, end);
  };
  for (const std::string_view dash : {"&md;", "&mdash;", "&ndash;"})
    offer_if(Rule::kLongDash, dash);
  for (const std::string_view entity : kMarkEntities) offer_if(Rule::kEntity, entity);
  if (code(at + 1) == U'#') {
    const std::size_t end = text_.skip(at + 2, kAsciiDigit);
    if (end > at + 2 && code(end) == U';') offer(Rule::kEntity, end + 1);
  }
  offer_if(Rule::kAmpersand, "&amp;");
  offer_if(Rule::kAngle, "&lt;");
  offer_if(Rule::kAngle, "&gt;");
  offer_if(Rule::kNothing, "&nbsp;");
}

void Scanner::quotes(std::size_t at) {
  const std::size_t double_quote = code(at) == U'"' ? at + 1 : spelled(at, "&quot;");
  if (double_quote != 0) {
    offer(Rule::kDoubleQuote, double_quote);
    if (is(double_quote, kAsciiLetter | kAsciiDigit) || code(double_quote) == U'$') {
      offer(Rule::kOpeningDoubleQuote, double_quote, double_quote + 1);
    }
  }
  for (const std::size_t end : {contraction(at), negation(at)}) {
    if (end == 0) continue;
    offer(Rule::kQuote, end);
    if (!is(end, kAsciiLetter)) offer(Rule::kContraction, end, end + 1);
  }
  if (const std::size_t end = apostrophe(at)) {
    offer(Rule::kQuote, end);
    const std::size_t year = some(kAsciiDigit, end, 2, 2);
    const std::size_t reach = year != 0 ? space_or_break(year) : 0;
    if (reach != 0) offer(Rule::kYear, year, reach);
  }
  if (code(at) == U'\'') {
    if (code(at + 1) == U'\'') offer(Rule::kQuote, at + 2);
    if (is(at + 1, kAsciiLetter) && !one_of(code(at + 2), U" \t\n\r\u00A0")) {
      offer(Rule::kOpeningQuote, at + 1, at + 3);
    }
  }
  if (one_of(code(at), kCurlyQuotes)) {
    offer(Rule::kQuote, one_of(code(at + 1), kCurlyQuotes) ? at + 2 : at + 1);
  }
}

void Scanner::smileys(std::size_t at) {
  // >:-) and its kin.
  std::size_t next = one_of(code(at), U"<>") ? at + 1 : at;
  if (one_of(code(next), U":;=")) {
    ++next;
    if (one_of(code(next), U"-o*'")) ++next;
    if (one_of(code(next), U"()DPdpO\\{@|[]") && !is(next + 1, kAsciiLetter | kAsciiDigit)) {
      offer(Rule::kSmiley, next + 1, next + 2);
    }
  }
  // -_- and (^_^)
  constexpr std::u32string_view kEyes = U"-^x=~<>'";
  if (one_of(code(at), kEyes) && code(at + 1) == U'_' && one_of(code(at + 2), kEyes)) {
    offer(Rule::kSmiley, at + 3);
  }
  if (code(at) != U'(' || !one_of(code(at + 1), kEyes)) return;
  const std::size_t eye = one_of(code(at + 2), U"_.") ? at + 3 : at + 2;
  if (one_of(code(eye), kEyes) && code(eye + 1) == U')') offer(Rule::kSmiley, eye + 2);
  if (code(at + 1) != U'-' && code(at + 2) == U'-' && code(at + 3) != U'-' &&
      one_of(code(at + 3), U"^x=~<>'`") && code(at + 4) == U')') {
    offer(Rule::kSmiley, at + 5);
  }
}

void Scanner::brackets_and_dots(std::size_t at) {
  const char32_t c = code(at);
  if (one_of(c, U"()[]{}")) offer(Rule::kBracket, at + 1);
  if (one_of(c, U"<>")) {
    offer(Rule::kAngle, at + 1);
    if (code(at + 1) == c) offer(Rule::kMarks, at + 2);
    if (const std::size_t end = tag(at)) offer(Rule::kTag, end);
  }
  if (one_of(c, U"\u0085\u2026")) offer(Rule::kEllipsis, at + 1);
  if (c != U'.') return;
  std::size_t dots = at + 1;
  while (dots < at + 5 && code(dots) == U'.') ++dots;
  if (dots >= at + 3) offer(Rule::kEllipsis, dots);
  std::size_t last = at;  // of dots with spaces between
  while (last < at + 8 && one_of(code(last + 1), U" \u00A0") && code(last + 2) == U'.') last += 2;
  if (last >= at + 4) offer(Rule::kEllipsis, last + 1);
}

void Scanner::marks(std::size_t at) {
  const char32_t c = code(at);
  const auto run = [&](std::u32string_view characters) {
    std::size_t end = at;
    while (one_of(code(end), characters)) ++end;
    return end;
  };
  if (one_of(c, U"@#_*")) offer(Rule::kMarks, run({&c, 1}));
  if (one_of(c, U"?!")) offer(Rule::kMarks, run(U"?!"));
  if (c == U'-') offer(Rule::kHyphens, run(U"-"));
  if (is_in_sentence(at)) offer(Rule::kMarks, at + 1);
  std::size_t stars = at;  // \*\*\*
  while (stars < at + 6 && code(stars) == U'\\' && code(stars + 1) == U'*') stars += 2;
  if (stars > at) offer(Rule::kMarks, stars);
  if (c == 0x7F || c == 0) offer(Rule::kNothing, at + 1);
}

std::size_t Scanner::some(Kind kind, std::size_t at, std::size_t least, std::size_t most) const {
  std::size_t end = at;
  while (end < at + most && is(end, kind)) ++end;
  return end >= at + least ? end : 0;
}

std::size_t Scanner::date(std::size_t at) const {
  const std::size_t first = some(kDigit, at, 1, 2);
  if (first == 0 || !one_of(code(first), U"-/")) return 0;
  const std::size_t second = some(kDigit, first + 1, 1, 2);
  if (second == 0 || !one_of(code(second), U"-/")) return 0;
  return some(kDigit, second + 1, 2, 4);
}

std::size_t Scanner::number(std::size_t at) const {
  const std::size_t begin = one_of(code(at), U"+-") ? at + 1 : at;
  std::size_t end = text_.skip(begin, kDigit);
  while (one_of(code(end), U".:,\u00AD\u066B\u066C") && is(end + 1, kDigit)) {
    end = text_.skip(end + 1, kDigit);
  }
  return end > begin ? end : 0;
}

std::size_t Scanner::fraction(std::size_t at) const {
  const std::size_t numerator = some(kDigit, at, 1, 4);
  if (numerator == 0) return 0;
  const bool backslash = code(numerator) == U'\\' && code(numerator + 1) == U'/';
  if (!backslash && !one_of(code(numerator), U"/\u2044")) return 0;
  return some(kDigit, numerator + (backslash ? 2 : 1), 1, 4);
}

/// 123 4567, 1234567
std::size_t Scanner::phone_number_tail(std::size_t at) const {
  if (const std::size_t end = some(kAsciiDigit, at, 6, 9)) return end;
  const std::size_t exchange = some(kAsciiDigit, at, 3, 4);
  if (exchange == 0 || !one_of(code(exchange), kPhoneSpaces)) return 0;
  return some(kAsciiDigit, exchange + 1, 3, 5);
}

}  // namespace metrics::english::ptb
