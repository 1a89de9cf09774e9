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
  std::size_t length(Phrase phrase) const { return phrases_[phrase].size(); }

  struct Found {
    Phrase phrase;
    std::size_t begin;  ///< the word of the caption that it begins with
  };
  /// Every place of every phrase in a caption whose words are tagged, from left to right. Takes a
  /// look-up a word, however many phrases there are. Many threads can share an index.
  std::vector<Found> find(const english::Sentence& caption) const;

 private:
  /// Phrases by the lemma of their first word under some tag.
  using FirstWords = std::unordered_map<std::string, std::vector<Phrase>>;

  const FirstWords& first_words(const std::string& tag) const;

  std::vector<std::vector<std::string>> phrases_;
  std::unordered_map<std::string, Phrase> written_;
  std::map<std::vector<std::string>, Phrase> by_words_;

  /// Made for a tag when a caption first has it; add() drops all.
  struct ByTag {
    std::shared_mutex mutex;
    std::map<std::string, FirstWords, std::less<>> tags;
  };
  std::shared_ptr<ByTag> by_tag_ = std::make_shared<ByTag>();
};

}  // namespace metrics
