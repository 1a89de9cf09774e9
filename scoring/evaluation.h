// What `blip evaluate` finds out, before it is printed: as a table, as JSON, as a report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/captions.h"
#include "metrics/attributes.h"
#include "metrics/cider.h"
#include "metrics/diversity.h"
#include "metrics/meteor.h"
#include "metrics/sample.h"
#include "metrics/significance.h"
#include "metrics/spice.h"

namespace scoring {

/// One metric over one file of results.
struct MetricColumn {
  std::string key;    ///< in JSON: "bleu_4", "meteor", "cider_d", ...
  std::string title;  ///< for people: "BLEU-4", "METEOR", "CIDEr-D", ...
  std::string note;   ///< what to know beside the number; empty, or "WordNet, without paraphrases"
  metrics::Scores scores;
  std::optional<metrics::Interval> interval;  ///< with --bootstrap
};

/// One file of results (or one model's captions), scored.
struct ScoredResults {
  std::string name;                   ///< the file's name, to tell several apart
  std::vector<std::string> captions;  ///< by picture
  std::vector<MetricColumn> columns;
  metrics::Diversity diversity;
};

/// Everything: the same pictures for all results, in the order of the references.
struct Evaluation {
  std::string references;  ///< the file's name
  bool raw = false;        ///< --raw: split at spaces, no tokenizer
  std::vector<data::ReferencePicture> pictures;
  std::vector<ScoredResults> results;  ///< at least one; all have the same columns
  /// Of results[i] against results[0], by column; empty for one file and for i = 0.
  std::vector<std::vector<metrics::PairedTest>> comparisons;
  int rounds = 0;  ///< of the intervals and the comparisons; 0: there are neither
  std::vector<std::string> warnings;  ///< references without a result that were left out, ...
};

/// A file of results, or one model's captions, before they meet the references.
struct NamedResults {
  std::string name;
  std::vector<data::CaptionResult> captions;
};

/// FormatError that names the file and the pictures if some have no captions.
void expect_captions(const std::vector<data::ReferencePicture>& references,
                     const std::string& file);

/// What a file is called in tables: its name without folders. A pipe that a shell made has no name
/// of its own but a number, and keeps its folders.
std::string short_name(const std::string& path);

/// Finds the picture of every caption, by its id or else by its path: a result's id may be the path
/// of the picture's file, if that or its base name is one picture's alone. Makes `pictures`,
/// `results[i].name` and `.captions` of the evaluation. FormatError if a caption has no picture, a
/// picture two captions or none, or no references; with `partial` the pictures that lack references
/// or a caption in any of the files are left out, with a warning.
void pair_up(Evaluation& evaluation, std::vector<data::ReferencePicture> references,
             const std::vector<NamedResults>& results, bool partial);

/// How captions are scored.
struct Scoring {
  /// Of kMetricNames; empty: all, but als and sls only where the references allow them.
  std::vector<std::string> metrics;
  std::optional<metrics::Meteor> meteor;  ///< needed for meteor
  std::optional<metrics::Spice> spice;    ///< needed for spice
  std::string spice_source;               ///< which synonyms it has, to be said beside the number
  /// CIDEr's. score() counts them over the references if there are none, and leaves them here.
  std::optional<metrics::DocumentFrequencies> document_frequencies;
  std::string document_frequencies_source;  ///< the file that they are of; empty: the references
  std::vector<metrics::CategoryWord>
      category_words;  ///< for SLS; empty: the references' categories
  metrics::AttributeRule rule = metrics::AttributeRule::kCorrected;
  int bootstrap = 0;  ///< rounds; 0: no intervals
  std::uint64_t seed = 0;

  bool wants(std::string_view metric) const;
};

/// "diversity" adds no column: it is always computed.
inline constexpr const char* kMetricNames[] = {"bleu",  "meteor", "rouge_l", "cider_d",  "cider",
                                               "spice", "als",    "sls",     "diversity"};

/// The pictures' references as the metrics take them (tokenized, unless raw), without hypotheses.
std::vector<metrics::Sample> reference_samples(const Evaluation& evaluation);
/// One picture with its caption of results[i], as the metrics take it.
metrics::Sample sample_of(const Evaluation& evaluation, std::size_t i, std::size_t picture);

/// The picture with this id. UsageError if it is not among those that are scored.
std::size_t find_picture(const Evaluation& evaluation, const std::string& id);

/// Fills in the columns and the diversity of all results, the comparisons, and warnings. UsageError
/// if als or sls is asked for by name and the references lack attributes or categories.
void score(Evaluation& evaluation, Scoring& scoring);

}  // namespace scoring
