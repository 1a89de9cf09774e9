// SPICE 1.0: captions are parsed into scene graphs (objects, attributes, relations); the score is
// the F1 of the graphs' tuples, where synonyms match. Source: Anderson et al., "SPICE: Semantic
// Propositional Image Caption Evaluation" (ECCV 2016).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "metrics/english/dependency_parser.h"
#include "metrics/english/synonyms.h"
#include "metrics/english/tagger.h"
#include "metrics/sample.h"

namespace metrics {

/// (object), (object, attribute) or (subject, relation, object): one, two or three phrases.
using SceneTuple = std::vector<std::string>;

struct SpiceResult {
  double f = 0, precision = 0, recall = 0;
  std::vector<SceneTuple> hypothesis, references;
  std::vector<bool> matched;  ///< by hypothesis tuple
};

/// Scoring changes nothing, so that many threads can share one.
class Spice {
 public:
  Spice(english::Tagger tagger, english::DependencyParser parser, english::Synonyms synonyms);

  /// The sentences of a caption, tagged, lemmatised and parsed.
  std::vector<english::Sentence> parse(const std::string& caption) const;
  SpiceResult score(const Sample& sample) const;
  /// Corpus: the mean over samples. Samples are scored in parallel.
  Scores score(std::span<const Sample> samples) const;

 private:
  english::Tagger tagger_;
  english::DependencyParser parser_;
  english::Synonyms synonyms_;
};

}  // namespace metrics
