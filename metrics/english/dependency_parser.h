// A dependency parser that gives the basic Universal Dependencies (v1) of a tagged sentence.
#pragma once

#include <filesystem>
#include <memory>

#include "metrics/english/sentence.h"

namespace metrics::english {

class ParserModel;

/// Cheap to copy; parsing changes nothing, so that many threads can share one.
class DependencyParser {
 public:
  /// Reads `parser.bin` of a folder. FileError, FormatError.
  static DependencyParser load(const std::filesystem::path& folder);

  /// Fills in `head` and `relation` of every word from forms and tags: always one tree with one
  /// root (none for an empty sentence). Time is linear in the number of words.
  void parse(Sentence& sentence) const;

 private:
  explicit DependencyParser(std::shared_ptr<const ParserModel> model) : model_(std::move(model)) {}
  std::shared_ptr<const ParserModel> model_;
};

}  // namespace metrics::english
