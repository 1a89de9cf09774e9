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
// The header holds a checksum of all the rest. Phrase 0 is the empty one; shorter phrases come
// first, children of one phrase are sorted by their last word. Only phrases are stored, neither
// side as words: two sides are equal if their phrases are.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace metrics::meteor {

struct ParaphraseHeader {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t slots, words, phrases, entries, letters;
  std::uint64_t checksum;  ///< of the header up to here and of all that follows the header
};
static_assert(sizeof(ParaphraseHeader) == 40);

inline constexpr std::array<char, 8> kParaphraseMagic{'B', 'L', 'I', 'P', 'P', 'A', 'R', 'A'};
inline constexpr std::uint32_t kParaphraseVersion = 2;  // version 1 had no checksum

/// A sum of bytes that come in pieces: FNV-1a over words of 8 bytes, turned so that high bits reach
/// low ones. Each step is one to one, so that a file with one wrong word never has the right sum. A
/// table's 66 MB take some 20 ms.
class ParaphraseChecksum {
 public:
  /// The last bytes of a piece are filled up with zeros.
  void add(std::span<const std::byte> bytes) {
    for (; bytes.size() >= sizeof(std::uint64_t); bytes = bytes.subspan(sizeof(std::uint64_t))) {
      add_word(bytes.first(sizeof(std::uint64_t)));
    }
    if (!bytes.empty()) add_word(bytes);
  }
  std::uint64_t value() const { return sum_; }

 private:
  void add_word(std::span<const std::byte> bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    sum_ = std::rotl((sum_ ^ word) * 1099511628211u, 29);
  }

  std::uint64_t sum_ = 14695981039346656037u;
};

/// Of a file whose header says everything but the sum.
inline std::uint64_t paraphrase_checksum(const ParaphraseHeader& header,
                                         std::span<const std::byte> rest) {
  ParaphraseChecksum sum;
  sum.add(std::as_bytes(std::span(&header, 1)).first(offsetof(ParaphraseHeader, checksum)));
  sum.add(rest);
  return sum.value();
}

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
