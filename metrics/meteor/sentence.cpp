#include "metrics/meteor/sentence.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "metrics/english/unicode.h"

namespace metrics::meteor {
namespace {

/// Java's String.hashCode: a polynomial in 31 over UTF-16.
WordHash java_hash(std::string_view word) {
  std::uint32_t hash = 0;
  const auto add = [&](char32_t unit) { hash = hash * 31 + static_cast<std::uint32_t>(unit); };
  for (const char32_t c : base::decode_utf8(word)) {
    if (c >= 0x10000) add(0xD800 + ((c - 0x10000) >> 10));
    add(c >= 0x10000 ? 0xDC00 + (c & 0x3FF) : c);
  }
  return static_cast<WordHash>(hash);
}

bool by_phrase(const PhraseIndex::Occurrence& a, const PhraseIndex::Occurrence& b) {
  return a.phrase != b.phrase ? a.phrase < b.phrase : a.start < b.start;
}

}  // namespace

PhraseIndex::PhraseIndex(std::vector<Occurrence> occurrences)
    : occurrences_(std::move(occurrences)), by_phrase_(occurrences_) {
  std::sort(by_phrase_.begin(), by_phrase_.end(), by_phrase);
  for (const Occurrence& occurrence : occurrences_) present_.set(occurrence.phrase % kBits);
}

std::span<const PhraseIndex::Occurrence> PhraseIndex::search(Phrase phrase) const {
  const auto first =
      std::lower_bound(by_phrase_.begin(), by_phrase_.end(),
                       Occurrence{.start = 0, .length = 0, .phrase = phrase}, by_phrase);
  const auto last = std::find_if(first, by_phrase_.end(),
                                 [&](const Occurrence& other) { return other.phrase != phrase; });
  return {first, last};
}

Sentence SentenceReader::read(std::string_view line) {
  std::vector<std::string> words = normalized_words(line, resources_.abbreviations);
  std::vector<const WordFacts*> all_facts;
  all_facts.reserve(words.size());
  for (const std::string& word : words) all_facts.push_back(&facts(word));
  std::vector<ParaphraseTable::Occurrence> phrases;
  if (resources_.paraphrases) phrases = resources_.paraphrases->find(words);
  return {std::move(words), std::move(all_facts), PhraseIndex(std::move(phrases))};
}

const WordFacts& SentenceReader::facts(const std::string& word) {
  const auto [place, is_new] = known_.try_emplace(word);
  if (is_new) {
    place->second = {.word = java_hash(word),
                     .stem = java_hash(stemmer_(word)),
                     .function = resources_.function_words.contains(word),
                     .synsets = resources_.synonyms.synsets(word)};
  }
  return place->second;
}

}  // namespace metrics::meteor
