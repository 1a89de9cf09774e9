// How the parser learns.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "metrics/english/arc_training.h"
#include "metrics/english/dependency_parser.h"
#include "metrics/english/sentence.h"

namespace metrics::english {

struct ParserTraining {
  int epochs = 8;
  std::size_t rows = 11'000'000;  ///< of the table of weights: its bytes
  std::uint64_t seed = 1;         ///< of the order of the sentences
  ArcTraining arcs;               ///< of the network, which learns first
  std::function<void(int epoch, const DependencyParser& parser)> after_epoch;  ///< may be empty
};

/// Learns from trees (with words to the left and to the right of their heads: else FormatError),
/// tagged as the parser will meet them (with_predicted_tags). Trees are made projective. Where the
/// beam leads away from the tree, the weights are corrected for the actions up to the one after
/// which the best state is ahead of the right one by most. Source: Huang, Fayong and Guo,
/// "Structured Perceptron with Inexact Search" (NAACL 2012). It learns as if there were no network:
/// what the network says of sentences it has learnt from is too right to lean on. Same trees, same
/// options, same bytes.
DependencyParser train_parser(std::vector<Sentence> trees, const ParserTraining& options = {});

/// How many words have the right head (unlabelled attachment score), and the right relation too
/// (labelled); punctuation, by the trees' relation "punct", is left out.
struct Attachment {
  std::int64_t words = 0, heads = 0, labelled = 0;
  void count(const Sentence& tree, const Sentence& parsed);
};

}  // namespace metrics::english
