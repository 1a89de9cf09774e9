// Chooses among the candidate matches of a hypothesis and a reference, so that every word is in one
// match at most. Source: the beam search of METEOR 1.5, with its peculiarities, since other choices
// give other scores.
#pragma once

#include <span>
#include <vector>

#include "metrics/meteor/candidates.h"

namespace metrics::meteor {

/// The alignment that METEOR 1.5 finds, by place in the reference.
///
/// The search goes through the reference from left to right with up to 40 partial alignments. Each
/// is extended by every candidate that begins at the current word and whose words are free, and
/// once by skipping the word; the best 40 go on. Better is: more matched words, where a match other
/// than exact counts half, rounded down for either side (so one word with its synonym counts
/// nothing); then fewer chunks; then a smaller distance; then found earlier.
///
/// Time grows with the candidates (40 extensions each at most); captions have a few dozen.
std::vector<MeteorMatch> align(const Candidates& candidates);

/// How many runs of matches are in the same order and without a gap on both sides. `alignment` is
/// sorted by reference_start.
int count_chunks(std::span<const MeteorMatch> alignment);

}  // namespace metrics::meteor
