// Judges one caption with the metrics alone, no model and no pictures:
//   score PARSER_FOLDER WORDNET_FOLDER CAPTION REFERENCE...
#include <cstdio>
#include <exception>

#include "metrics/bleu.h"
#include "metrics/meteor.h"
#include "metrics/rouge.h"
#include "metrics/spice.h"
#include "metrics/tokens.h"

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: %s PARSER_FOLDER WORDNET_FOLDER CAPTION REFERENCE...\n", argv[0]);
    return 2;
  }
  try {
    // Load once, score often: all of these may be shared by many threads.
    const auto meteor = metrics::Meteor::from_wordnet(argv[2]);
    const metrics::Spice spice(metrics::english::Tagger::load(argv[1]),
                               metrics::english::DependencyParser::load(argv[1]),
                               metrics::english::Synonyms::from_wordnet(argv[2]));

    const metrics::Sample sample = metrics::tokenized({argv[3], {argv + 4, argv + argc}});
    std::printf("BLEU-4  %.4f\n", metrics::bleu_score(metrics::bleu_statistics(sample))[3]);
    std::printf("ROUGE-L %.4f\n", metrics::rouge_l(sample));
    std::printf("METEOR  %.4f  (%s)\n", meteor.score(sample).score, meteor.source().c_str());
    std::printf("SPICE   %.4f\n", spice.score(sample).f);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
}
