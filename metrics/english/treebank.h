// Trees to train and to measure on.
#pragma once

#include <filesystem>
#include <vector>

#include "metrics/english/sentence.h"

namespace metrics::english {

/// Reads a treebank of one JSON object a line:
///   {"id", "text", "tokens": [[number, form, Penn tag, lemma]], "edges": [[head, relation, word]]}
/// FileError; FormatError that names file, line and what is wrong (a word without a head, a cycle,
/// more than one root, ...).
std::vector<Sentence> read_treebank(const std::filesystem::path& path);

/// The sentence as it would stand in a tokenized caption: lower case, without punctuation marks
/// (what hung on one hangs on its head), and words that the treebank cuts at hyphens ("t", "-",
/// "shirt") in one piece, as the Penn Treebank tokenizer has them. Empty if it is all punctuation.
Sentence as_caption(const Sentence& sentence);

/// Whether no two edges of the tree cross, so that a transition parser can build it.
bool is_projective(const Sentence& sentence);
/// Makes the tree projective: the shortest crossing edge is lifted to the head's head, until none
/// crosses. Source: Nivre and Nilsson, "Pseudo-Projective Dependency Parsing" (ACL 2005), without
/// their encoding of lifts in the labels.
void make_projective(Sentence& sentence);

}  // namespace metrics::english
