// What a caption really speaks of: the cats of "a lot of cats", the man of "his".
#pragma once

#include "metrics/spice/dependency_graph.h"

namespace metrics::spice {

/// Makes the noun the head where a quantity was: in "a lot of cats sleep" the cats become the
/// subject of "sleep", and "a", with "lot" and "of" on it, depends on them by "det:qmod". So it is
/// for "dozens of cats", "some of the cats", "two of them".
void promote_quantified_nouns(DependencyGraph& graph);

/// Puts nouns in place of pronouns: "a man walks his dog" says that the man has the dog. The noun
/// is the one nearest to the root of the sentence (singular for "his", "she", "it" and the like),
/// if it stands before the pronoun.
void resolve_pronouns(DependencyGraph& graph);

}  // namespace metrics::spice
