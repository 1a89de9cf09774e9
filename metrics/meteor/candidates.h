// Which words of a hypothesis could be matched with which words of a reference: equal words, words
// of equal stem, synonyms, paraphrases. The aligner then chooses among these candidates.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metrics/meteor.h"
#include "metrics/meteor/sentence.h"

namespace metrics::meteor {

/// At most this many pairs of a hypothesis' word and a reference's word are looked at: a hypothesis
/// of 100,000 words can be scored against references of 100.
inline constexpr std::int64_t kMostWordPairs = 10'000'000;

class Candidates {
 public:
  /// In the order of the original, which decides between equally good alignments: by matcher, by
  /// place in the reference, by place in the hypothesis (paraphrases of the hypothesis' phrases
  /// come last, by place in the hypothesis first). `paraphrases` may be null. UsageError for more
  /// than kMostWordPairs.
  Candidates(const Sentence& hypothesis, const Sentence& reference,
             const ParaphraseTable* paraphrases);

  int hypothesis_length() const { return static_cast<int>(hypothesis_cover_.size()); }
  int reference_length() const { return static_cast<int>(reference_cover_.size()); }

  /// Those that begin at a word of the reference.
  std::span<const MeteorMatch> at(int reference_start) const {
    const auto i = static_cast<std::size_t>(reference_start);
    return std::span(matches_).subspan(first_[i], first_[i + 1] - first_[i]);
  }

  /// Whether no other candidate covers any of the words of this one.
  bool is_alone(const MeteorMatch& match) const;

 private:
  void add(const MeteorMatch& match);
  void match_words(MeteorMatcher matcher, const Sentence& hypothesis, const Sentence& reference);
  void match_phrases(const Sentence& hypothesis, const Sentence& reference,
                     const ParaphraseTable& paraphrases);
  void sort_by_reference_start();

  std::vector<MeteorMatch> matches_;
  std::vector<std::size_t> first_;                       // of matches_, by place in the reference
  std::vector<int> hypothesis_cover_, reference_cover_;  // candidates that cover a word
};

}  // namespace metrics::meteor
