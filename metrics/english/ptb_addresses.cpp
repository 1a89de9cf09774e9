// The rules that look far ahead: addresses, tags, file names, hyphenated words. What decides (an @,
// a domain, an extension, a hyphen) may stand at the end of a run of characters, and the same run
// is seen again from each of its tokens if it is none. A Run keeps what was found at its end.
#include <algorithm>

#include "metrics/english/ptb_rules.h"
#include "metrics/english/ptb_words.h"

namespace metrics::english::ptb {

void Scanner::addresses(std::size_t at) {
  if (const std::size_t end = url(at)) offer(Rule::kAddress, end);
  if (const std::size_t begin = spelled(at, "www.")) {
    if (const std::size_t end = site(begin)) offer(Rule::kAddress, end);
  }
  if (const std::size_t end = host(at)) offer(Rule::kAddress, end);
  const std::size_t bracket = code(at) == U'<' ? at + 1 : spelled(at, "&lt;");
  if (const std::size_t end = mail_address(std::max(at, bracket))) offer(Rule::kAddress, end);
  if (code(at) == U'@' && (is(at + 1, kAsciiLetter) || code(at + 1) == U'_')) {
    std::size_t end = at + 2;
    while (is(end, kAsciiLetter | kAsciiDigit) || code(end) == U'_') ++end;
    offer(Rule::kAddress, end);
  }
  if (code(at) == U'#') {
    std::size_t end = at + 1;
    while (const std::size_t next = letter(end)) end = next;
    if (end > at + 1) offer(Rule::kAddress, end);
  }
}

/// Java counts in UTF-16, where a character beyond U+FFFF counts for two.
bool Scanner::has_two(std::size_t begin, std::size_t end) const {
  return end >= begin + 2 || (end > begin && code(begin) > 0xFFFF);
}

/// Two characters at least, of which the last does not look like punctuation.
std::size_t Scanner::url(std::size_t at) const {
  const std::size_t http = spelled(at, "http");
  if (http == 0) return 0;
  const std::size_t begin =
      spelled(code(http) == U's' || code(http) == U'S' ? http + 1 : http, "://");
  if (begin == 0) return 0;
  std::size_t end = text_.skip(begin, kInUrl);
  while (end > begin && !is(end - 1, kEndsUrl)) --end;
  return has_two(begin, end) ? end : 0;
}

/// What is behind the first slash of an address without a scheme; 0 if too little.
std::size_t Scanner::path(std::size_t slash) {
  if (code(slash) != U'/') return 0;
  const std::size_t begin = slash + 1;
  if (!path_.knows(begin)) {
    path_ = {begin, text_.skip(begin, kInPath)};
    path_.match_end = path_.end;
    while (path_.match_end > begin && !is(path_.match_end - 1, kEndsUrl)) --path_.match_end;
  }
  return has_two(begin, path_.match_end) ? path_.match_end : 0;
}

/// A domain has been found, from `part` on.
void Scanner::keep_with_path(Run& run, std::size_t part, std::size_t domain) {
  run.keep(part, domain);
  if (const std::size_t end = path(domain)) {
    run.decisive_with_path = part;
    run.match_end_with_path = end;
  }
}

/// Behind www.: parts with single dots between them, of which one begins with two letters. They
/// are taken as the domain, with two more where there are more.
std::size_t Scanner::site(std::size_t at) {
  if (!is(at, kInSite)) return 0;
  if (!site_.knows(at)) {
    site_ = {at, at};
    for (std::size_t part = at; is(part, kInSite);) {
      site_.end = text_.skip(part, kInSite);
      if (code(site_.end) != U'.') break;
      part = ++site_.end;
      if (const std::size_t domain = some(kAsciiLetter, part, 2, 4)) {
        keep_with_path(site_, part, domain);
      }
    }
  }
  return site_.match(at);
}

/// Parts with single dots between them, of which one is com, edu, net or org.
std::size_t Scanner::host(std::size_t at) {
  if (!is(at, kInHost)) return 0;
  if (!host_.knows(at)) {
    host_ = {at, at};
    for (std::size_t part = at; is(part, kInHost);) {
      host_.end = text_.skip(part, kInHost);
      if (code(host_.end) != U'.') break;
      part = ++host_.end;
      for (const std::string_view top : kDomains) {
        if (const std::size_t domain = spelled(part, top)) keep_with_path(host_, part, domain);
      }
    }
  }
  return host_.match(at);
}

/// Something, an @, and parts with single dots between them.
std::size_t Scanner::mail_address(std::size_t at) {
  if (!is(at, kAsciiLetter | kAsciiDigit)) return 0;
  if (!mail_.knows(at)) {
    mail_ = {at, text_.skip(at, kInMail)};
    std::size_t sign = mail_.end - 1;
    while (sign > at && (code(sign) != U'@' || !is(sign + 1, kInMail) || code(sign + 1) == U'.')) {
      --sign;
    }
    if (sign > at) {
      std::size_t end = sign + 1;
      while (end < mail_.end &&
             (code(end) != U'.' || (is(end + 1, kInMail) && code(end + 1) != U'.'))) {
        ++end;
      }
      mail_.decisive = sign;
      mail_.match_end = code(end) == U'>' ? end + 1 : end;
    }
  }
  return mail_.match(at);
}

/// <name attribute="value">, </name>, <!anything>
std::size_t Scanner::tag(std::size_t at) {
  if (code(at) != U'<') return 0;
  if (code(at + 1) == U'/') {
    const std::size_t end = tag_name(at + 2);
    return end != 0 ? tag_end(end) : 0;
  }
  if (!one_of(code(at + 1), U"!?")) return opening_tag(at);
  if (!is(at + 2, kAsciiLetter) && code(at + 2) != U'-') return 0;
  if (!declaration_.knows(at + 2)) {
    declaration_ = {at + 2, at + 3};
    while (!one_of(code(declaration_.end), U">\r\n")) ++declaration_.end;
  }
  return tag_end(declaration_.end);
}

/// Quoted values may hold tags, so a text can be read from many beginnings: an attribute from which
/// no end was found is not tried again.
std::size_t Scanner::opening_tag(std::size_t at) {
  std::vector<std::size_t> attributes;
  std::size_t end = tag_name(at + 1);
  while (end != 0) {
    const std::size_t begin = spaces(end);
    if (begin == end || !is(begin, kAsciiLetter)) {
      const std::size_t closed = tag_end(code(begin) == U'/' ? begin + 1 : begin);
      if (closed != 0) return closed;
      break;
    }
    if (no_attributes_.contains(begin)) break;
    attributes.push_back(begin);
    end = tag_name(begin);
    if (code(spaces(end)) == U'=') end = quoted(spaces(spaces(end) + 1));
  }
  no_attributes_.insert(attributes.begin(), attributes.end());
  return 0;
}

std::size_t Scanner::spaces(std::size_t at) const {
  while (code(at) == U' ') ++at;
  return at;
}

std::size_t Scanner::tag_name(std::size_t at) const {
  if (!is(at, kAsciiLetter)) return 0;
  while (is(at, kAsciiLetter | kAsciiDigit) || one_of(code(at), U"_:.-")) ++at;
  return at;
}

std::size_t Scanner::quoted(std::size_t at) const {
  const char32_t quote = code(at);
  if (!one_of(quote, U"'\"")) return 0;
  for (std::size_t end = at + 1; end < text_.size(); ++end) {
    if (code(end) == quote) return end + 1;
  }
  return 0;
}

std::size_t Scanner::tag_end(std::size_t at) const {
  const std::size_t end = spaces(at);
  return code(end) == U'>' ? end + 1 : 0;
}

/// Parts with single dots between them, of which one but the first is an extension.
void Scanner::file_name(std::size_t at) {
  const auto part_end = [&](std::size_t end) {
    while (const std::size_t next = is(end, kDigit) ? end + 1 : letter(end)) end = next;
    return end;
  };
  if (!is(at, kDigit) && letter(at) == 0) return;
  if (!file_.knows(at)) {
    file_ = {at, part_end(at)};
    while (code(file_.end) == U'.') {
      const std::size_t part = file_.end + 1;
      const std::size_t end = part_end(part);
      if (end == part) break;
      file_.end = end;
      if (space_or_break(end) == 0 && !one_of(code(end), U".?!,")) continue;
      for (const std::string_view extension : kFileExtensions.beginning_with(fold(code(part)))) {
        if (spelled(part, extension) == end) file_.keep(part, end);
      }
    }
  }
  if (const std::size_t end = file_.match(at)) {
    offer(Rule::kFileName, end, std::max(end + 1, space_or_break(end)));
  }
}

/// Words with dots and commas, then parts behind hyphens: the whole, from wherever it begins.
void Scanner::hyphenated_word(std::size_t at) {
  constexpr char32_t kSoftHyphen = 0xAD;
  const auto is_letter_or_digit = [&](std::size_t i) {
    return is(i, kAsciiLetter | kAsciiDigit) || code(i) == kSoftHyphen;
  };
  const auto part_end = [&](std::size_t part) {
    std::size_t letter = part;  // U.S.-U.K.: the last letter of an acronym
    while (is(letter, kAsciiLetter) && code(letter + 1) == U'.' && is(letter + 2, kAsciiLetter)) {
      letter += 2;
    }
    if (letter > part && code(letter + 1) == U'.') return letter + 2;
    if (letter > part + 2) return letter;
    std::size_t end = part;
    while (is_letter_or_digit(end)) ++end;
    return end;
  };
  if (!is(at, kAsciiLetter | kAsciiDigit)) return;
  if (!hyphenated_.knows(at)) {
    hyphenated_ = {at, at};
    std::size_t end = at;
    while (is_letter_or_digit(end) || one_of(code(end), U".,")) ++end;
    hyphenated_.end = end;
    for (;;) {
      const std::size_t part = end + 1;
      if (code(end) != U'-' || part_end(part) == part) break;
      end = part_end(part);
      hyphenated_.keep(hyphenated_.end, end);
    }
  }
  if (const std::size_t end = hyphenated_.match(at)) {
    offer(Rule::kHyphenatedWord, end);
    if (code(end) == U'.' && is_in_sentence(end + 1)) {
      offer(Rule::kHyphenatedWord, end + 1, end + 2);
    }
  }
}

}  // namespace metrics::english::ptb
