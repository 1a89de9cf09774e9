#include "text/made_up_vocabulary.h"

#include <cctype>
#include <string_view>

#include "base/error.h"

namespace text {

std::vector<std::string> made_up_vocabulary(std::size_t size) {
  if (size < 300) {
    throw base::UsageError(base::str("a vocabulary of ", size, " pieces, expected at least 300"));
  }
  std::vector<std::string> pieces{"[PAD]"};
  while (pieces.size() < 100) pieces.push_back(base::str("[unused", pieces.size() - 1, "]"));
  pieces.insert(pieces.end(), {"[UNK]", "[CLS]", "[SEP]", "[MASK]"});
  for (char c = '!'; c <= '~'; ++c) {
    if (!std::isupper(c)) pieces.emplace_back(1, c);
  }
  for (char c = '!'; c <= '~'; ++c) {
    if (std::isdigit(c) || std::islower(c)) pieces.push_back(std::string("##") + c);
  }
  std::vector<std::string> syllables;
  for (const char consonant : std::string_view("bdfghjklmnprstvwz")) {
    for (const char vowel : std::string_view("aeiou")) syllables.push_back({consonant, vowel});
  }
  // All words of two syllables, then those of three, as far as there is room.
  std::vector<std::string> beginnings = syllables;
  while (pieces.size() < size) {
    std::vector<std::string> words;
    for (const std::string& beginning : beginnings) {
      for (const std::string& syllable : syllables) words.push_back(beginning + syllable);
    }
    for (std::size_t i = 0; i < words.size() && pieces.size() < size; ++i) {
      pieces.push_back(words[i]);
    }
    beginnings = std::move(words);
  }
  return pieces;
}

}  // namespace text
