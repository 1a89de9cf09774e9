// A sentence, and what METEOR has to know about its words to compare them with others.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "metrics/english/stemmer.h"
#include "metrics/meteor/resources.h"

namespace metrics::meteor {

/// The original compares hashes (Java's String.hashCode) in place of words. They are kept, because
/// short words do collide: to METEOR "an" and "c0" are equal.
using WordHash = std::int32_t;

struct WordFacts {
  WordHash word, stem;
  bool function;  ///< a function word
  std::span<const english::Synset> synsets;
};

/// The phrases of a sentence that the table of paraphrases knows, to be found by what they are.
class PhraseIndex {
 public:
  using Phrase = ParaphraseTable::Phrase;
  using Occurrence = ParaphraseTable::Occurrence;

  explicit PhraseIndex(std::vector<Occurrence> occurrences);

  /// All of them, by start and then by length.
  std::span<const Occurrence> occurrences() const { return occurrences_; }
  /// Where a phrase stands, from left to right. Nearly always nowhere, which a look at one bit
  /// says.
  std::span<const Occurrence> find(Phrase phrase) const {
    return present_[phrase % kBits] ? search(phrase) : std::span<const Occurrence>();
  }

 private:
  static constexpr std::size_t kBits = 2048;

  std::span<const Occurrence> search(Phrase phrase) const;

  std::vector<Occurrence> occurrences_, by_phrase_;
  std::bitset<kBits> present_;
};

struct Sentence {
  std::vector<std::string> words;       ///< normalised
  std::vector<const WordFacts*> facts;  ///< by word; valid as long as the reader that made them
  PhraseIndex phrases;
};

/// Makes sentences of text and remembers the facts of every word met. Used by one thread at a time.
class SentenceReader {
 public:
  explicit SentenceReader(const Resources& resources) : resources_(resources) {}

  Sentence read(std::string_view line);

 private:
  const WordFacts& facts(const std::string& word);

  const Resources& resources_;
  english::Stemmer stemmer_;
  std::unordered_map<std::string, WordFacts> known_;
};

}  // namespace metrics::meteor
