// An evaluation as text: a table for people, JSON for programs.
#pragma once

#include <string>

#include "base/json.h"
#include "scoring/evaluation.h"

namespace scoring {

/// A row a metric, a column a file of results: scores from 0 to 1 (CIDEr: 0 to 10) with four
/// decimals, intervals, stars where a file differs from the first; what numbers rest on below.
std::string evaluation_table(const Evaluation& evaluation);

/// One object. `scores` and what belongs to them stand in it for one file of results; for several,
/// `results` is a list of such objects. Numbers have all their digits.
base::Json evaluation_json(const Evaluation& evaluation);

/// A line for each picture and file of results: image_id, caption, references, scores.
std::string per_image_lines(const Evaluation& evaluation);

}  // namespace scoring
