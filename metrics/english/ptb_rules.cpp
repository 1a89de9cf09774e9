#include "metrics/english/ptb_rules.h"

#include <algorithm>

#include "metrics/english/ptb_words.h"

namespace metrics::english::ptb {
namespace {

constexpr char32_t kSoftHyphen = 0xAD;

}  // namespace

Match Scanner::longest(std::size_t at) {
  best_ = {Rule::kNothing, at + 1, at + 1};
  const Character c = text_[at];
  if (c.is(kAsciiLetter)) {
    // A word between spaces, the most frequent case: no rule but those for known words says more.
    const std::size_t end = text_.skip(at, kAsciiLetter);
    if (code(end) == U' ') {
      offer(Rule::kWord, end);
      known_words(at);
      return best_;
    }
  }
  if (c.is(kSpace)) offer(Rule::kNothing, text_.skip(at, kSpace));
  if (c.is(kSymbol)) offer(Rule::kMarks, at + 1);
  if (c.is(kWordLetter) || c.code == U'&') words(at);
  if (c.is(kLetter)) {
    abbreviations(at);
    apostrophe_words(at);
  }
  if (c.is(kLetter | kDigit)) compounds(at);
  known_words(at);
  quotes(at);
  if (!c.is(kSpace | kAsciiLetter)) {
    numbers(at);
    phone_numbers(at);
    entities(at);
    brackets_and_dots(at);
    marks(at);
  }
  smileys(at);
  addresses(at);
  file_name(at);
  return best_;
}

void Scanner::offer(Rule rule, std::size_t end, std::size_t reach) {
  if (reach > best_.reach || (reach == best_.reach && rule < best_.rule)) {
    best_ = {rule, end, reach};
  }
}

void Scanner::words(std::size_t at) {
  const std::size_t end = word(at);
  if (end == 0) return;
  offer(Rule::kWord, end);
  if (const std::size_t reach = contraction(end)) offer(Rule::kWord, end, reach);
  if (code(end) == U'.' && is_in_sentence(end + 1)) offer(Rule::kWordWithDot, end + 1, end + 2);
  contracted_word(at);
}

/// In "don't" the word ends before the n, and not with another n.
void Scanner::contracted_word(std::size_t at) {
  std::size_t end = at;
  while (is(end, kAsciiLetter) || code(end) == kSoftHyphen) ++end;
  if (end < at + 2) return;
  const std::size_t n = end - 1;
  const std::size_t reach = negation(n);
  std::size_t last = n - 1;
  while (last > at && code(last) == kSoftHyphen) --last;
  if (reach != 0 && is(last, kAsciiLetter) && fold(code(last)) != U'n') {
    offer(Rule::kWord, n, reach);
  }
}

void Scanner::known_words(std::size_t at) {
  const char32_t first = apostrophe(at) != 0 ? U'\'' : fold(code(at));
  const auto each = [&](const auto& patterns, Rule rule, std::size_t cut = 0) {
    for (const std::string_view pattern : patterns.beginning_with(first)) {
      if (const std::size_t end = spelled(at, pattern)) offer(rule, end - cut, end);
    }
  };
  each(kProgrammingLanguages, Rule::kProgrammingLanguage);
  each(kCutBeforeTwo, Rule::kAssimilation, 2);
  each(kCutBeforeThree, Rule::kAssimilation, 3);
  each(kApostropheWords, Rule::kApostropheWord);
  each(kTreebankWords, Rule::kTreebankWord);
}

void Scanner::apostrophe_words(std::size_t at) {
  const char32_t c = code(at);
  if (const std::size_t behind = any_apostrophe(at + 1)) {
    const std::size_t end = text_.skip(behind, kLetter);
    const bool prefix = (is(at, kAsciiUpper) && c != U'I' && c != U'Y') || c == U'n';
    if (prefix && end >= behind + 2) offer(Rule::kApostropheWord, end);  // O'Neill, D'Arcy
    if (fold(c) == U'o' && fold(code(behind)) == U'o') offer(Rule::kApostropheWord, behind + 1);
  }
  if (const std::size_t behind = apostrophe(at + 1)) {  // y'all
    if (fold(c) == U'y' && is(behind, kLetter)) offer(Rule::kApostropheWord, behind, behind + 1);
  }
  // Shi'ite, Ma'am, bo's'n: a vowel before the apostrophe, a vowel or a capital behind it.
  const std::size_t vowel = text_.skip(at, kLetter) - 1;
  if (vowel == at || !one_of(code(vowel), U"aeiouyAEIOUY")) return;
  if (const std::size_t behind = any_apostrophe(vowel + 1)) {
    if (one_of(code(behind), U"aeiou") || is(behind, kAsciiUpper)) {
      offer(Rule::kApostropheWord, text_.skip(behind, kLetter));
    }
  }
}

void Scanner::abbreviations(std::size_t at) {
  for (const std::string_view pattern : kHyphenAcronyms.beginning_with(fold(code(at)))) {
    if (const std::size_t end = spelled(at, pattern)) acronym(at, end);
  }
  if (is(at, kAsciiLetter)) {
    std::size_t last = at;
    while (code(last + 1) == U'.' && is(last + 2, kAsciiLetter)) last += 2;
    acronym(at, last + 1);
  }

  if (code(text_.skip(at, kLetter)) != U'.') return;
  const auto with_dot = [&](const auto& patterns, const auto& found) {
    for (const std::string_view pattern : patterns.beginning_with(fold(code(at)))) {
      const std::size_t dot = spelled(at, pattern);
      if (dot != 0 && code(dot) == U'.') found(dot + 1);
    }
  };
  with_dot(kFinalAbbreviations, [&](std::size_t end) { final_abbreviation(end); });
  with_dot(kTitles, [&](std::size_t end) { offer(Rule::kAbbreviation, end); });
  with_dot(kNumberAbbreviations, [&](std::size_t end) {
    const std::size_t number = std::max(end, space_or_break(end));
    if (is(number, kDigit)) offer(Rule::kAbbreviation, end, number + 1);
  });
  with_dot(kCompanies, [&](std::size_t end) {
    if (!is(end, kSpace)) return;
    for (const std::string_view limited : {"ltd", "lim"}) {
      const std::size_t reach = spelled(end + 1, limited);
      if (reach != 0) offer(Rule::kAbbreviation, end, reach);
    }
  });
}

/// From `at` to `end` stands an acronym, perhaps of a single letter, without its last dot.
void Scanner::acronym(std::size_t at, std::size_t end) {
  if (const std::size_t reach = space_or_break(end)) offer(Rule::kAbbreviation, end, reach);
  if (code(end) != U'.') return;
  offer(Rule::kAbbreviation, end + 1);
  const std::size_t reach = sentence_start(end + 1);
  if (reach == 0) return;
  if (end == at + 1) {
    offer(Rule::kLetterEndsSentence, end, reach);
  } else {
    offer(Rule::kAbbreviationEndsSentence, end + 1, reach);
  }
}

void Scanner::final_abbreviation(std::size_t end) {
  offer(Rule::kAbbreviationEndsSentence, end);
  if (end < text_.size()) offer(Rule::kAbbreviation, end, end + 2);
  const std::size_t next = space_or_break(end);
  if (next == 0) return;
  for (const std::size_t begin : {end + 1, next}) {  // they differ for a carriage return, line feed
    std::size_t reach = std::max(space_or_break(begin), tag(begin));
    if (is(begin, kUpper)) reach = begin + 1;
    if (reach != 0) offer(Rule::kAbbreviationEndsSentence, end, reach);
  }
}

/// Spaces, and behind them a word that begins a sentence, or a tag, and another space.
std::size_t Scanner::sentence_start(std::size_t at) {
  const std::size_t begin = text_.skip(at, kSpace | kLineBreak);
  if (begin == at) return 0;
  for (const std::string_view starter : kSentenceStarters.beginning_with(fold(code(begin)))) {
    const std::size_t end = spelled(begin, starter);
    const std::size_t reach = end != 0 ? space_or_break(end) : 0;
    if (reach != 0) return reach;
  }
  const std::size_t end = tag(begin);
  return end != 0 ? space_or_break(end) : 0;
}

/// Words in which letters, digits and other characters are mixed.
void Scanner::compounds(std::size_t at) {
  if (const std::size_t end = thing(at)) {
    offer(Rule::kThing, end);
    if (code(end) == U'.' && is_in_sentence(end + 1)) offer(Rule::kThing, end + 1, end + 2);
  }
  slashed_word(at);
  ampersand_word(at);
  hyphenated_word(at);
}

/// Two or three words between slashes, each with up to two more behind hyphens.
void Scanner::slashed_word(std::size_t at) {
  const auto part = [&](std::size_t begin) {
    std::size_t end = text_.skip(begin, kAsciiLetter | kAsciiDigit);
    if (end == begin) return std::size_t{0};
    for (int i = 0; i < 2 && code(end) == U'-' && is(end + 1, kAsciiLetter); ++i) {
      end = text_.skip(end + 1, kAsciiLetter);
    }
    return end;
  };
  std::size_t end = part(at);
  for (int i = 0; i < 2 && end != 0; ++i) {
    const std::size_t slash = code(end) == U'\\' ? end + 1 : end;
    end = code(slash) == U'/' ? part(slash + 1) : 0;
    if (end != 0) offer(Rule::kSlashedWord, end);
  }
}

/// Capitals with & or + between them; with $ behind them they are a currency.
void Scanner::ampersand_word(std::size_t at) {
  const std::size_t capitals = text_.skip(at, kAsciiUpper);
  if (capitals == at) return;
  if (code(capitals) == U'$') offer(Rule::kDollar, capitals + 1);
  std::size_t end = capitals;
  std::size_t next = end;
  while (next != 0) {
    end = text_.skip(next, kAsciiUpper);
    const std::size_t entity = spelled(end, "&amp;");
    next = one_of(code(end), U"+&") && is(end + 1, kAsciiUpper) ? end + 1 : 0;
    if (entity != 0 && is(entity, kAsciiUpper)) next = entity;
  }
  if (end == capitals) return;
  offer(Rule::kAmpersandWord, end);
  if (code(end) == U'.' && is_in_sentence(end + 1)) offer(Rule::kAmpersandWord, end + 1, end + 2);
}

std::size_t Scanner::spelled(std::size_t at, std::string_view pattern) const {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '~') {
      at = apostrophe(at);
      if (at == 0) return 0;
      continue;
    }
    const bool exact = pattern[i] == '=';
    if (exact) ++i;
    if ((exact ? code(at) : fold(code(at))) != static_cast<unsigned char>(pattern[i])) return 0;
    ++at;
  }
  return at;
}

std::size_t Scanner::apostrophe(std::size_t at) const {
  return one_of(code(at), U"'\u0092\u2019") ? at + 1 : spelled(at, "&apos;");
}

std::size_t Scanner::any_apostrophe(std::size_t at) const {
  return one_of(code(at), U"`\u0091\u2018\u201B") ? at + 1 : apostrophe(at);
}

/// A letter as it is written, or as an entity: &eacute;
std::size_t Scanner::letter(std::size_t at) const {
  if (is(at, kWordLetter)) return at + 1;
  if (code(at) != U'&' || !one_of(code(at + 1), U"aeiouAEIOU")) return 0;
  for (const std::string_view accent : {"acute;", "grave;", "uml;"}) {
    if (const std::size_t end = spelled(at + 2, accent)) return end;
  }
  return 0;
}

std::size_t Scanner::word(std::size_t at) const {
  std::size_t end = letter(at);
  for (std::size_t next = end; next != 0;) {
    end = next;
    if (is(end, kDigit)) {
      next = end + 1;
    } else if (one_of(code(end), U".!?")) {
      next = letter(end + 1);
    } else {
      next = letter(end);
    }
  }
  return end;
}

/// Letters and digits, joined by hyphens or underscores.
std::size_t Scanner::thing(std::size_t at) const {
  std::size_t end = thing_part(at);
  while (end != 0 && one_of(code(end), U"-_\u058A\u2010\u2011")) {
    const std::size_t next = thing_part(end + 1);
    if (next == 0) break;
    end = next;
  }
  return end;
}

/// d'or, l'oreal, or without an apostrophe.
std::size_t Scanner::thing_part(std::size_t at) const {
  if (one_of(code(at), U"dDoOlL")) {
    const std::size_t behind = any_apostrophe(at + 1);
    const std::size_t end = behind != 0 ? text_.skip(behind, kLetter | kDigit) : 0;
    if (end > behind + 1) return end;
  }
  const std::size_t end = text_.skip(at, kLetter | kDigit);
  return end > at ? end : 0;
}

std::size_t Scanner::contraction(std::size_t at) const {
  const std::size_t behind = apostrophe(at);
  if (behind == 0) return 0;
  if (one_of(code(behind), U"msdMSD")) return behind + 1;
  for (const std::string_view verb : {"re", "ve", "ll"}) {
    if (const std::size_t end = spelled(behind, verb)) return end;
  }
  return 0;
}

std::size_t Scanner::negation(std::size_t at) const {
  const std::size_t behind = fold(code(at)) == U'n' ? any_apostrophe(at + 1) : 0;
  return behind != 0 && fold(code(behind)) == U't' ? behind + 1 : 0;
}

std::size_t Scanner::space_or_break(std::size_t at) const {
  if (code(at) == U'\r' && code(at + 1) == U'\n') return at + 2;
  return is(at, kSpace | kLineBreak) ? at + 1 : 0;
}

bool Scanner::is_in_sentence(std::size_t at) const {
  return one_of(code(at), U",;:\u3001");
}

}  // namespace metrics::english::ptb
