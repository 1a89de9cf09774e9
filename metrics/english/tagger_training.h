// How the tagger learns.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "metrics/english/sentence.h"
#include "metrics/english/tagger.h"

namespace metrics::english {

struct TaggerTraining {
  int epochs = 4;
  int orders = 4;  ///< the mean of so many learners, each with the sentences in an order of its own
  std::size_t rows = std::size_t{1} << 21;  ///< of the table of weights: its bytes
  std::uint64_t seed = 1;                   ///< of the orders of the sentences
};

/// Learns from the forms and tags of sentences. Same sentences, same options, same bytes.
Tagger train_tagger(std::span<const Sentence> sentences, const TaggerTraining& options = {});

/// The sentences with the tags that a tagger gives which has not seen them: trained on the others
/// of `folds` parts. `groups[i]`: sentences of one group stay in one part (copies of one sentence).
std::vector<Sentence> with_predicted_tags(std::span<const Sentence> sentences,
                                          std::span<const int> groups, int folds,
                                          const TaggerTraining& options);

}  // namespace metrics::english
