// A line as the rules of the Penn Treebank tokenizer see it: characters with the sets they are in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace metrics::english::ptb {

/// Sets of characters, by which the rules (ptb_rules.h) are written. Letters and digits are those
/// of Unicode 6 up to U+FFFF, as Java 7 had them.
enum Kind : std::uint16_t {
  kLetter = 1 << 0,
  kWordLetter = 1 << 1,  ///< a letter, the soft hyphen, or a mark that stands inside words
  kDigit = 1 << 2,
  kUpper = 1 << 3,
  kAsciiLetter = 1 << 4,
  kAsciiDigit = 1 << 5,
  kSpace = 1 << 6,
  kLineBreak = 1 << 7,
  kSymbol = 1 << 8,  ///< a token by itself where no longer rule applies
  // In addresses all characters are welcome but a few:
  kInPath = 1 << 9,    ///< after the first slash of an address without a scheme
  kInUrl = 1 << 10,    ///< after http://
  kEndsUrl = 1 << 11,  ///< the last character of both
  kInMail = 1 << 12,   ///< of an e-mail address
  kInSite = 1 << 13,   ///< between the dots of www.site.domain
  kInHost = 1 << 14,   ///< between the dots of site.com
  kAsciiUpper = 1 << 15,
};

/// One character: a code point, where the rules count what Java counts (UTF-16) only once.
struct Character {
  char32_t code = 0xFFFF;
  std::uint16_t kinds = 0;  ///< no kinds: behind the end

  /// Whether it is in any of these sets.
  bool is(unsigned any_of) const { return (kinds & any_of) != 0; }
};

inline bool one_of(char32_t c, std::u32string_view characters) {
  return characters.find(c) != std::u32string_view::npos;
}

/// The small ASCII letter that a character is a form of in Java's eyes; others stay.
inline char32_t fold(char32_t c) {
  if (c < 0x80) return c >= U'A' && c <= U'Z' ? c + 32 : c;
  if (c == 0x130 || c == 0x131) return U'i';  // with, without its dot
  if (c == 0x17F) return U's';                // long s
  if (c == 0x212A) return U'k';               // Kelvin
  return c;
}

class Text {
 public:
  /// Bytes that are not UTF-8 are read as U+FFFD. A line feed is added: the tokenizer's answers for
  /// a line depend on there being one.
  explicit Text(std::string_view line);

  /// Without the line feed.
  std::size_t size() const { return characters_.size() - 2; }
  /// At most one behind the line feed.
  const Character& operator[](std::size_t at) const { return characters_[at]; }
  /// The first position from `at` on that is not in any of these sets.
  std::size_t skip(std::size_t at, unsigned any_of) const {
    while (characters_[at].is(any_of)) ++at;
    return at;
  }
  /// UTF-8 of [begin, end).
  std::string utf8(std::size_t begin, std::size_t end) const;

 private:
  std::vector<Character> characters_;
};

}  // namespace metrics::english::ptb
