// How the network of arcs learns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "metrics/english/arc_network.h"
#include "metrics/english/sentence.h"

namespace metrics::english {

struct ArcTraining {
  int epochs = 14;
  std::size_t width = 128, hidden = 128;  ///< multiples of 16
  int layers = 4;
  std::size_t batch_words = 300;  ///< at least so many words in a step
  double learning_rate = 2e-3;    ///< at its highest; it rises at first, then falls in a line
  double forgotten_forms = 0.25;  ///< share of words that are learnt without their form
  double dropout = 0.2;           ///< share of each vector that is zero while learning
  std::uint64_t seed = 1;
  std::function<void(int epoch, double loss)> after_epoch;  ///< loss a word; may be empty
};

/// Learns from trees with tags as the parser will meet them. The loss of a word is the cross
/// entropy of its head among all words of its sentence, and of its relation given this head, which
/// is one of `relations` unless it is the root. Steps: Adam (Kingma and Ba, ICLR 2015). Everything
/// runs in one thread and one order: same trees, same options, same bytes.
ArcNetwork train_arcs(const std::vector<Sentence>& trees, std::vector<std::string> relations,
                      const ArcTraining& options = {});

/// What one sentence adds to the loss and, to `gradients`, which has the matrices of the network.
/// Nothing is dropped. For tests of the way back.
double arc_loss(const ArcNetwork& network, const Sentence& tree, ArcNetwork& gradients);

}  // namespace metrics::english
