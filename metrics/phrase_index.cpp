#include "metrics/phrase_index.h"

#include <mutex>
#include <utility>

#include "metrics/attributes.h"
#include "metrics/english/morphology.h"
#include "metrics/english/unicode.h"
#include "metrics/tokens.h"

namespace metrics {
namespace {

/// A caption's word as it is compared.
struct Inflected {
  std::string form, tag, lemma;

  explicit Inflected(const english::Word& word)
      : form(english::lower(word.form)),
        tag(word.tag == "NN" ? "NNS" : word.tag),
        lemma(english::lemma(form, tag)) {}

  bool is(const std::string& other) const {
    return form == other || lemma == english::lemma(other, tag);
  }
};

}  // namespace

PhraseIndex::Phrase PhraseIndex::add(const std::string& phrase) {
  if (const std::optional<Phrase> known = number(phrase)) return *known;
  std::vector<std::string> words;
  const std::string lowered = english::lower(phrase);
  for (const std::string_view word : split(lowered)) words.emplace_back(word);
  words = rejoin_hyphens(words);
  const auto [place, added] = by_words_.emplace(words, static_cast<Phrase>(phrases_.size()));
  if (added) {
    phrases_.push_back(std::move(words));
    by_tag_ = std::make_shared<ByTag>();
  }
  written_.emplace(phrase, place->second);
  return place->second;
}

std::optional<PhraseIndex::Phrase> PhraseIndex::number(const std::string& phrase) const {
  const auto found = written_.find(phrase);
  return found == written_.end() ? std::nullopt : std::optional(found->second);
}

const PhraseIndex::FirstWords& PhraseIndex::first_words(const std::string& tag) const {
  {
    const std::shared_lock lock(by_tag_->mutex);
    const auto found = by_tag_->tags.find(tag);
    if (found != by_tag_->tags.end()) return found->second;
  }
  FirstWords words;
  for (Phrase phrase = 0; phrase < phrases_.size(); ++phrase) {
    if (phrases_[phrase].empty()) continue;
    words[english::lemma(phrases_[phrase].front(), tag)].push_back(phrase);
  }
  const std::unique_lock lock(by_tag_->mutex);
  // Whichever thread was first; a map's elements stay where they are.
  return by_tag_->tags.try_emplace(tag, std::move(words)).first->second;
}

std::vector<PhraseIndex::Found> PhraseIndex::find(const english::Sentence& caption) const {
  std::vector<Found> found;
  if (phrases_.empty()) return found;
  const std::vector<Inflected> words(caption.begin(), caption.end());
  for (std::size_t begin = 0; begin < words.size(); ++begin) {
    // Equal forms have equal lemmas, so the lemma finds them too.
    const FirstWords& first = first_words(words[begin].tag);
    const auto candidates = first.find(words[begin].lemma);
    if (candidates == first.end()) continue;
    for (const Phrase phrase : candidates->second) {
      const std::vector<std::string>& wanted = phrases_[phrase];
      if (wanted.size() > words.size() - begin) continue;
      std::size_t same = 1;
      while (same < wanted.size() && words[begin + same].is(wanted[same])) ++same;
      if (same == wanted.size()) found.push_back({phrase, begin});
    }
  }
  return found;
}

}  // namespace metrics
