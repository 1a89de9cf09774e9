// What the parser looks at. Source of most templates: Zhang and Nivre, "Transition-based Dependency
// Parsing with Rich Non-local Features" (ACL 2011).
#pragma once

#include <cstdint>
#include <vector>

#include "metrics/english/perceptron.h"
#include "metrics/english/sentence.h"
#include "metrics/english/transitions.h"

namespace metrics::english {

/// A tagged sentence prepared for parsing.
class ParserInput {
 public:
  explicit ParserInput(const Sentence& sentence);
  int words() const { return words_; }

  /// The rows of a state's features in a table for `rows` places.
  void features(const State& state, std::uint64_t rows, std::vector<Row>& features) const;

 private:
  struct WordHashes {
    std::uint64_t form = 0, tag = 0, suffix = 0;
  };
  int words_;
  std::vector<WordHashes> hashes_;  // by word; empty ones for 0 and behind the last
};

}  // namespace metrics::english
