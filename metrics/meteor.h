// METEOR 1.5 with the parameters that the COCO caption toolkit runs it with (English, task "rank",
// normalised): words of hypothesis and reference are aligned one to one (equal, equal stem,
// synonym, paraphrase), then precision, recall and the number of chunks make a score. Source:
// Denkowski and Lavie, "Meteor Universal" (WMT 2014).
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "metrics/sample.h"

namespace metrics {

namespace meteor {
struct Resources;
}

/// The counts that a score is made of. Over a corpus they add up, but for the one chunk of a
/// perfect hypothesis: the original does not count it there.
struct MeteorStatistics {
  double hypothesis_length = 0, reference_length = 0;      ///< words
  double hypothesis_function = 0, reference_function = 0;  ///< of these, function words
  /// Matched words by matcher (exact, stem, synonym, paraphrase), content and function words.
  std::array<double, 4> hypothesis_content_matches{}, reference_content_matches{};
  std::array<double, 4> hypothesis_function_matches{}, reference_function_matches{};
  double chunks = 0;
  double hypothesis_matched = 0, reference_matched = 0;  ///< words in any match
};

/// What the original has for English and the task "rank".
struct MeteorParameters {
  static constexpr double kAlpha = 0.85;  ///< recall counts this much, precision the rest
  static constexpr double kBeta = 0.2, kGamma = 0.6;  ///< shape and size of the penalty
  static constexpr double kContent = 0.75;            ///< weight of a content word,
  static constexpr double kFunction = 1 - kContent;   ///< of a function word
  static constexpr std::array<double, 4> kWeights{1, 0.6, 0.8, 0.6};  ///< of the matchers
};

enum class MeteorMatcher { kExact, kStem, kSynonym, kParaphrase };

/// `length` words from `start` in the one side are matched with those of the other side.
struct MeteorMatch {
  int hypothesis_start, hypothesis_length, reference_start, reference_length;
  MeteorMatcher matcher;
};

/// The hypothesis against the reference that it does best with (the first of equals).
struct MeteorResult {
  double score = 0;
  double precision = 0, recall = 0, fragmentation_penalty = 0;  ///< 0 where there is no match
  MeteorStatistics statistics;
  std::size_t reference = 0;                                   ///< which one
  std::vector<std::string> hypothesis_words, reference_words;  ///< normalised
  std::vector<MeteorMatch> matches;                            ///< by reference_start
};

/// Scores are METEOR 1.5's own with its own word lists alone; source() says which were used, to be
/// printed beside every number. Scoring changes nothing, so that many threads can share one.
///
/// What the COCO caption toolkit does to strings on the way to METEOR is done here: "|||" is taken
/// out of the hypothesis, and a reference that holds "|||" is several references. A hypothesis or a
/// reference without words is scored as well: with 0.
class Meteor {
 public:
  /// METEOR's own lists: `english.synsets`, `english.exceptions`, `english.words` (function words),
  /// `english.prefixes` and, where it is there and wanted, `paraphrase-en.bin` of a folder
  /// (tools/get_metric_data.sh puts them there). FileError, FormatError.
  static Meteor from_meteor(const std::filesystem::path& folder, bool paraphrases = true);
  /// Without METEOR's lists: WordNet's synonyms, this project's own function words and
  /// abbreviations, no paraphrases. FileError, FormatError.
  static Meteor from_wordnet(const std::filesystem::path& folder);

  bool has_paraphrases() const;
  /// "METEOR 1.5 data with paraphrases", "WordNet, without paraphrases", ...; METEOR's name is
  /// there only if the lists are its own, byte for byte.
  std::string source() const;

  /// UsageError for a sample without references, and for a hypothesis and a reference of more than
  /// 10,000,000 pairs of words (100,000 words against 100), which bounds the time.
  MeteorResult score(const Sample& sample) const;
  /// Corpus: the score of the summed statistics, as the original has it, not a mean. Samples are
  /// scored in parallel.
  Scores score(std::span<const Sample> samples) const;

  /// The score that statistics make.
  static double score(const MeteorStatistics& statistics);

 private:
  explicit Meteor(meteor::Resources resources);
  std::shared_ptr<const meteor::Resources> resources_;
};

}  // namespace metrics
