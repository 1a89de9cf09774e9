// N-grams as numbers: n words in a row, counted by BLEU, CIDEr and the measures of diversity.
//
// An n-gram is an (n - 1)-gram and one word more. So "a red bus" is the pair ("a red", "bus"), and
// with numbers for pairs an n-gram of any length is one integer: exact, unlike a hash of its words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace metrics {

inline constexpr int kLongestNgram = 4;

using WordId = std::uint32_t;
using NgramId = std::uint32_t;

inline constexpr NgramId kNoWords = 0;                 ///< the n-gram with n = 0
inline constexpr std::uint32_t kUnknown = UINT32_MAX;  ///< a word or n-gram that was never added

/// Words by number: 0, 1, 2, ... in the order in which they were added.
class Words {
 public:
  WordId add(std::string_view word);
  /// kUnknown if it was not added.
  WordId find(std::string_view word) const;
  std::size_t size() const { return ids_.size(); }
  /// Views live as long as this object.
  std::vector<std::string_view> by_id() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const {
      return std::hash<std::string_view>{}(word);
    }
  };
  std::unordered_map<std::string, WordId, Hash, std::equal_to<>> ids_;
};

/// N-grams by number: kNoWords, then 1, 2, ... in the order in which they were added, so that a
/// prefix comes before what it begins. Finding changes nothing: many threads can share one.
class Ngrams {
 public:
  struct Node {
    NgramId prefix;
    WordId last;
  };

  Ngrams();
  /// The number of the n-gram `prefix` with `last` behind it.
  NgramId add(NgramId prefix, WordId last);
  /// kUnknown if it was not added.
  NgramId find(NgramId prefix, WordId last) const;
  /// N-grams added, and kNoWords.
  std::size_t size() const { return nodes_.size(); }
  /// Of an n-gram other than kNoWords.
  Node node(NgramId ngram) const { return nodes_[ngram]; }

 private:
  std::size_t slot(NgramId prefix, WordId last) const;
  void grow();

  std::vector<Node> nodes_;     // by number
  std::vector<NgramId> slots_;  // a hash table of nodes_; kNoWords: the slot is free
};

/// An n-gram of a caption, and how often it stands there.
struct NgramCount {
  NgramId ngram;
  int n;
  int count;
};

/// The n-grams of a caption (n = 1, ..., 4), each once, by number. Adds to `ngrams` what is new.
std::vector<NgramCount> count_ngrams(std::span<const WordId> caption, Ngrams& ngrams);

/// The words of a caption, as split() of tokens.h finds them, added to `words`.
std::vector<WordId> add_words(std::string_view caption, Words& words);

}  // namespace metrics
