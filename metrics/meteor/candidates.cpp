#include "metrics/meteor/candidates.h"

#include <algorithm>

#include "base/error.h"

namespace metrics::meteor {
namespace {

bool fits(MeteorMatcher matcher, const WordFacts& a, const WordFacts& b) {
  if (matcher == MeteorMatcher::kExact) return a.word == b.word;
  if (a.word == b.word) return false;
  return matcher == MeteorMatcher::kStem ? a.stem == b.stem
                                         : english::share_synset(a.synsets, b.synsets);
}

/// Calls `found` for every phrase of `from` with every phrase of `to` that is its paraphrase.
template <class Found>
void find_paraphrases(const PhraseIndex& from, const PhraseIndex& to, const ParaphraseTable& table,
                      const Found& found) {
  for (const auto& phrase : from.occurrences()) {
    for (const PhraseIndex::Phrase other : table.paraphrases(phrase.phrase)) {
      for (const auto& paraphrase : to.find(other)) found(phrase, paraphrase);
    }
  }
}

bool same_words(const Sentence& a, const Sentence& b) {
  return std::equal(a.facts.begin(), a.facts.end(), b.facts.begin(), b.facts.end(),
                    [](const WordFacts* x, const WordFacts* y) { return x->word == y->word; });
}

}  // namespace

Candidates::Candidates(const Sentence& hypothesis, const Sentence& reference,
                       const ParaphraseTable* paraphrases)
    : hypothesis_cover_(hypothesis.words.size()), reference_cover_(reference.words.size()) {
  const auto pairs = std::int64_t{hypothesis_length()} * reference_length();
  if (pairs > kMostWordPairs) {
    throw base::UsageError(base::str("meteor: a caption of ", hypothesis_length(),
                                     " words against a reference of ", reference_length(),
                                     " words makes ", pairs, " pairs, at most ", kMostWordPairs,
                                     " are scored"));
  }
  match_words(MeteorMatcher::kExact, hypothesis, reference);
  // The search could miss the perfect alignment of equal sentences among other candidates.
  if (!same_words(hypothesis, reference)) {
    match_words(MeteorMatcher::kStem, hypothesis, reference);
    match_words(MeteorMatcher::kSynonym, hypothesis, reference);
    if (paraphrases) match_phrases(hypothesis, reference, *paraphrases);
  }
  sort_by_reference_start();
}

void Candidates::match_words(MeteorMatcher matcher, const Sentence& hypothesis,
                             const Sentence& reference) {
  for (int r = 0; r < reference_length(); ++r) {
    for (int h = 0; h < hypothesis_length(); ++h) {
      if (fits(matcher, *hypothesis.facts[h], *reference.facts[r])) add({h, 1, r, 1, matcher});
    }
  }
}

void Candidates::match_phrases(const Sentence& hypothesis, const Sentence& reference,
                               const ParaphraseTable& paraphrases) {
  using Occurrence = PhraseIndex::Occurrence;
  const auto add_pair = [this](const Occurrence& h, const Occurrence& r) {
    add({static_cast<int>(h.start), static_cast<int>(h.length), static_cast<int>(r.start),
         static_cast<int>(r.length), MeteorMatcher::kParaphrase});
  };
  find_paraphrases(reference.phrases, hypothesis.phrases, paraphrases,
                   [&](const Occurrence& r, const Occurrence& h) { add_pair(h, r); });
  find_paraphrases(hypothesis.phrases, reference.phrases, paraphrases,
                   [&](const Occurrence& h, const Occurrence& r) { add_pair(h, r); });
}

void Candidates::add(const MeteorMatch& match) {
  matches_.push_back(match);
  for (int i = 0; i < match.hypothesis_length; ++i) {
    ++hypothesis_cover_[match.hypothesis_start + i];
  }
  for (int i = 0; i < match.reference_length; ++i) ++reference_cover_[match.reference_start + i];
}

void Candidates::sort_by_reference_start() {
  std::stable_sort(matches_.begin(), matches_.end(),
                   [](const MeteorMatch& a, const MeteorMatch& b) {
                     return a.reference_start < b.reference_start;
                   });
  first_.assign(reference_cover_.size() + 1, matches_.size());
  for (std::size_t i = matches_.size(); i-- > 0;) first_[matches_[i].reference_start] = i;
  for (std::size_t r = reference_cover_.size(); r-- > 0;) {
    first_[r] = std::min(first_[r], first_[r + 1]);
  }
}

bool Candidates::is_alone(const MeteorMatch& match) const {
  for (int i = 0; i < match.hypothesis_length; ++i) {
    if (hypothesis_cover_[match.hypothesis_start + i] != 1) return false;
  }
  for (int i = 0; i < match.reference_length; ++i) {
    if (reference_cover_[match.reference_start + i] != 1) return false;
  }
  return true;
}

}  // namespace metrics::meteor
