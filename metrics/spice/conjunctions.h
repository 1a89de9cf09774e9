// Conjunctions: what is said of one of several things joined by "and" is said of each.
#pragma once

#include "metrics/spice/dependency_graph.h"

namespace metrics::spice {

/// "flies to Paris and from Rome" is two flights: a copy of the verb, conj:and(flies, flies'),
/// takes the second. So it is in "flies to and from Rome", which both verbs have.
void split_joined_prepositions(DependencyGraph& graph);

/// "a cat and a dog": conj(cat, dog) becomes conj:and.
void name_conjunctions(DependencyGraph& graph);

/// "a cat and a dog sleep": the dog is a subject of "sleep" too. "a cat sits and purrs": the cat is
/// the subject of "purrs" too.
void propagate_conjuncts(DependencyGraph& graph);

}  // namespace metrics::spice
