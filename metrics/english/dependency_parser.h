// A dependency parser that gives the basic Universal Dependencies (v1) of a tagged sentence: a
// transition parser with beam search. Its actions are scored by an averaged perceptron, and where
// they make an arc also by a small neural network (arc_network.h): the two err in different places.
#pragma once

#include <filesystem>
#include <memory>

#include "metrics/english/sentence.h"

namespace metrics::english {

class ArcNetwork;
class LinearModel;
class ParserModel;

/// Cheap to copy; parsing changes nothing, so that many threads can share one.
class DependencyParser {
 public:
  /// Reads `parser.bin` and `arcs.bin` of a folder. FileError, FormatError.
  static DependencyParser load(const std::filesystem::path& folder);
  /// A model whose classes are actions (transitions.h), and a network whose relations are those of
  /// the actions, in their order. FormatError if they are something else.
  DependencyParser(LinearModel actions, ArcNetwork arcs);
  /// Writes `parser.bin` and `arcs.bin` into a folder. FileError.
  void save(const std::filesystem::path& folder) const;

  /// Fills in `head` and `relation` of every word from forms and tags: always one tree with one
  /// root (none for an empty sentence). Time and memory are linear in the number of words.
  void parse(Sentence& sentence) const;

 private:
  std::shared_ptr<const ParserModel> model_;
};

}  // namespace metrics::english
