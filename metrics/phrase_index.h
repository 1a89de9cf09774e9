// Many phrases, found in captions all at once: the words that name attributes and categories.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "metrics/english/sentence.h"

namespace metrics {

/// Phrases by number: 0, 1, 2, ... in the order in which they were added. A caption's word is a
/// phrase's in any inflection: their lemmas in lower case are equal. The tag of the phrase's word
/// is not known: it is taken to be the caption word's, so that a "short" dress is no pair of
/// "shorts". Nouns are compared as if plural, because a singular is its own lemma either way.
class PhraseIndex {
 public:
  using Phrase = std::uint32_t;

  /// The number of a phrase, whose words are cut at whitespace, in lower case and with lone hyphens
  /// rejoined (rejoin_hyphens of attributes.h). Phrases of the same words are one; one without
  /// words is found nowhere.
  Phrase add(const std::string& phrase);
  /// The number of a phrase that was added, as it was written then.
  std::optional<Phrase> number(const std::string& phrase) const;
  /// How many words it has.
  std::size_t length(Phrase phrase) const { return lengths_[phrase]; }

  struct Found {
    Phrase phrase;
    std::size_t begin;  ///< the word of the caption that it begins with
  };
  /// Every place of every phrase in a caption whose words are tagged, from left to right, at one
  /// place in the order of their numbers. Takes a few look-ups a word, however many phrases there
  /// are and however alike they begin. Many threads can share an index.
  std::vector<Found> find(const english::Sentence& caption) const;

 private:
  using Word = std::uint32_t;  ///< a word of the phrases, in lower case
  using Node = std::uint32_t;  ///< of the tree of phrases: the words so far; 0 is none
  /// The phrases' words by their lemma under some tag.
  using Lemmas = std::unordered_map<std::string, std::vector<Word>>;

  Word add_word(const std::string& word);
  const Lemmas& lemmas(const std::string& tag) const;

  std::vector<std::size_t> lengths_;  ///< by phrase
  std::unordered_map<std::string, Phrase> written_;
  std::vector<std::string> words_;
  std::unordered_map<std::string, Word> word_numbers_;
  std::vector<std::optional<Phrase>> ends_{std::nullopt};  ///< by node: the phrase that it is
  std::unordered_map<std::uint64_t, Node> children_;       ///< by node and next word

  /// Made for a tag when a caption first has it; a new word drops all.
  struct ByTag {
    std::shared_mutex mutex;
    std::map<std::string, Lemmas, std::less<>> tags;
  };
  std::shared_ptr<ByTag> by_tag_ = std::make_shared<ByTag>();
};

}  // namespace metrics
