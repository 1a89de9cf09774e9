// What `blip evaluate` found out, before it is printed: as a table, as JSON, as a report.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/captions.h"
#include "metrics/diversity.h"
#include "metrics/sample.h"
#include "metrics/significance.h"

namespace tools {

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
  std::vector<std::string> warnings;  ///< references without a result that were left out, ...
};

}  // namespace tools
