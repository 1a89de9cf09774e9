// Trees to train and to measure on.
#pragma once

#include <filesystem>
#include <vector>

#include "metrics/english/sentence.h"

namespace metrics::english {

/// Reads a treebank of one JSON object a line:
///   {"id", "text", "tokens": [[number, form, Penn tag, lemma]], "edges": [[head, relation, word]]}
/// FormatError that names file, line and what is wrong (a word without a head, a cycle, ...).
std::vector<Sentence> read_treebank(const std::filesystem::path& path);

}  // namespace metrics::english
