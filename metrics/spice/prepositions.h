// Prepositions: from words that hang on a noun to names of relations.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "metrics/spice/dependency_graph.h"

namespace metrics::spice {

/// Makes one preposition of the words of "next to", "in front of" and the like, whatever nouns and
/// adverbs the tree sees in them: in "a dog in front of a door" the door, not the front, depends
/// on the dog, and has one case marker, "in", that "front" and "of" belong to (relation "mwe").
void join_multiword_prepositions(DependencyGraph& graph);

/// Puts prepositions into the names of relations. "a cup on a table": nmod(cup, table) becomes
/// nmod:on; "a picture taken by a child": nmod:by; "was taken by a child": nmod:agent.
void name_case_markers(DependencyGraph& graph);

/// "nmod" and "in" make "nmod:in"; so do "nmod:on" and "in". `relation` is nmod, acl or advcl.
std::string with_case_marker(std::string_view relation, std::string_view marker);

/// Takes words, in the order given, out of the graph and makes one expression of them: the first
/// depends on `governor` by `relation`, the others on the first by "mwe".
void make_expression(DependencyGraph& graph, int governor, std::string_view relation,
                     std::span<const int> words);

}  // namespace metrics::spice
