// What the tagger looks at.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "metrics/english/perceptron.h"

namespace metrics::english {

/// A sentence prepared for tagging: what can be said of each word before any tag is known.
class TaggerInput {
 public:
  explicit TaggerInput(std::span<const std::string> words);
  std::size_t size() const { return size_; }

  /// Rows in a table for `rows` places of what word `at` looks like by itself: from these its tag
  /// is guessed, to be seen from the words before it.
  void features_alone(std::size_t at, std::uint64_t rows, std::vector<Row>& features) const;
  /// The rows of word `at` in its sentence, given the tags (class numbers, -1 before the first
  /// word) of the two words before it and the guesses for all words.
  void features(std::size_t at, int previous, int before_previous, std::span<const int> guesses,
                std::uint64_t rows, std::vector<Row>& features) const;

 private:
  struct WordHashes {
    std::uint64_t form;   // as written
    std::uint64_t lower;  // lower case, digits as '0'
    std::uint64_t shape;  // "Xxx", "x-x", "0.0", ...
    std::uint64_t prefixes[4], suffixes[5];
  };
  /// What both kinds of features begin with.
  static void add_word(const WordHashes& word, FeatureRows& add);
  static WordHashes hashes_of(const std::string& word, bool cased);

  std::size_t size_;
  std::vector<WordHashes> words_;  // with two empty ones before and two behind
};

}  // namespace metrics::english
