// The part of a report that shows pictures with their captions.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scoring/evaluation.h"
#include "scoring/evaluation_report.h"

namespace scoring {

/// The column that pictures are ranked by: CIDEr-D, else CIDEr, SPICE, METEOR, ROUGE-L, BLEU-4,
/// else the first. There must be one.
std::size_t ranking_column(const Evaluation& evaluation);

/// Pictures by the score of results[0] in this column, best first; equal ones in their order.
std::vector<std::size_t> ranked(const Evaluation& evaluation, std::size_t column);

/// The picture beside its captions (words that differ marked: with several files of results from
/// the first file's caption, with one from all references), scores and references.
std::string picture_card(const Evaluation& evaluation, std::size_t picture,
                         const ReportOptions& options);

}  // namespace scoring
