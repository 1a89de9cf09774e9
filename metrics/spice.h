// SPICE 1.0: captions are parsed into scene graphs (objects, attributes, relations); the score is
// the F1 of the graphs' tuples, where synonyms match. Source: Anderson et al., "SPICE: Semantic
// Propositional Image Caption Evaluation" (ECCV 2016).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "metrics/english/dependency_parser.h"
#include "metrics/english/synonyms.h"
#include "metrics/english/tagger.h"
#include "metrics/sample.h"

namespace metrics {

/// (object), (object, attribute) or (subject, relation, object): one, two or three names.
using SceneTuple = std::vector<std::string>;

/// What captions say about one picture. A name is a word or phrase, or several that mean the same
/// and were merged, sorted and with slashes between them: "auto/car".
struct SceneGraph {
  struct Object {
    std::string name;
    std::vector<std::string> attributes;
  };
  struct Relation {
    std::size_t subject, object;  ///< places in `objects`
    std::string name;             ///< "ride", "in front of", "look at"
  };
  std::vector<Object> objects;
  std::vector<Relation> relations;
};

/// The tuples that are counted: for each object its own and those of its attributes, then those of
/// the relations, all in the order of the graph.
std::vector<SceneTuple> tuples(const SceneGraph& graph);

struct SpiceResult {
  double f = 0, precision = 0, recall = 0;
  SceneGraph hypothesis, references;  ///< those of all references merged into one graph
  /// For each of tuples(hypothesis): whether it has its like among the references'.
  std::vector<bool> hypothesis_matched;
  /// For each of tuples(references): whether it has its like among the hypothesis'. Several
  /// hypothesis tuples can be like the same one. Precision and recall both count the flags above,
  /// as the original does, so that recall, and F with it, can be above 1: "a child and a kid and a
  /// goat" has two tuples like "a kid", which has one.
  std::vector<bool> references_matched;
};

/// Scoring changes nothing, so that many threads can share one.
class Spice {
 public:
  Spice(english::Tagger tagger, english::DependencyParser parser, english::Synonyms synonyms);

  /// The sentences of a caption, tagged, lemmatised and parsed, with the trees that the original
  /// would see rather than right ones (spice/original_reading.h). A sentence of more than 200 words
  /// is cut into pieces of 200, so that time is linear in the length of a caption.
  std::vector<english::Sentence> parse(const std::string& caption) const;
  /// The graph of captions of the same picture.
  SceneGraph scene_graph(std::span<const std::string> captions) const;
  /// F is 0 if no tuple matches, also where a side has none (an empty caption, "very quickly").
  SpiceResult score(const Sample& sample) const;
  /// Corpus: the mean over samples. Samples are scored in parallel.
  Scores score(std::span<const Sample> samples) const;

 private:
  english::Tagger tagger_;
  english::DependencyParser parser_;
  english::Synonyms synonyms_;
};

}  // namespace metrics
