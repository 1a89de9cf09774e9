// Every metric of one picture, step by step, for who wants to know where a number comes from.
#pragma once

#include <optional>
#include <string>

#include "metrics/cider.h"
#include "metrics/meteor.h"
#include "metrics/spice.h"
#include "scoring/evaluation.h"

namespace scoring {

/// Which metrics are explained, and what they need beside the captions; one without is left out.
struct ExplainData {
  bool bleu = true, rouge_l = true;
  std::optional<metrics::DocumentFrequencies> frequencies;  ///< CIDEr-D's
  std::string frequencies_source;  ///< the file that they are of; empty: the references
  std::optional<metrics::Meteor> meteor;
  std::optional<metrics::Spice> spice;
};

/// Plain text of at most 100 columns a line (words longer than that aside) for the picture with
/// this id, for each file of results: the tokens, BLEU's n-grams and their clipping, ROUGE-L's
/// common words, CIDEr-D's weights, METEOR's alignment, SPICE's tuples, each with the arithmetic
/// that leads to the number that `--per-image` gives. Of a caption's tokens the first 60 are shown;
/// all are counted. UsageError for an unknown id.
std::string explain(const Evaluation& evaluation, const std::string& id, const ExplainData& data);

}  // namespace scoring
