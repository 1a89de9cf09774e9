// The file behind a ParaphraseTable: a trie of phrases. Numbers are little-endian and 4 bytes wide.
//
//   header
//   slots       [header.slots]       hash table of the words: 1 + number of a word, or 0
//   spellings   [header.words + 1]   word w is letters[spellings[w]] to letters[spellings[w + 1]]
//   words       [header.phrases]     the last word of phrase p
//   children    [header.phrases + 1] phrases one word longer than p: children[p] to children[p + 1]
//   entries     [header.phrases + 1] p's right sides: paraphrases[entries[p]] to [entries[p + 1]]
//   paraphrases [header.entries]     phrases
//   letters     [header.letters]     bytes
//
// Phrase 0 is the empty one; shorter phrases come first, children of one phrase are sorted by their
// last word. Only phrases are stored, neither side as words: two sides are equal if their phrases
// are.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace metrics::meteor {

struct ParaphraseHeader {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t slots, words, phrases, entries, letters;
};
static_assert(sizeof(ParaphraseHeader) == 32);

inline constexpr std::array<char, 8> kParaphraseMagic{'B', 'L', 'I', 'P', 'P', 'A', 'R', 'A'};
inline constexpr std::uint32_t kParaphraseVersion = 1;

/// Where the search for a word begins (FNV-1a); it goes on with the next slot, round the end.
/// `slots` is a power of two.
inline std::uint32_t paraphrase_slot(std::string_view word, std::uint32_t slots) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : word) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return static_cast<std::uint32_t>(hash ^ (hash >> 32)) & (slots - 1);
}

}  // namespace metrics::meteor
