// From the tree that the parser gives to the graph that the rules of SPICE read: what CoreNLP 3.6.0
// calls collapsed dependencies with conjunctions processed, without extra subjects.
#pragma once

#include "metrics/english/sentence.h"
#include "metrics/spice/dependency_graph.h"

namespace metrics::spice {

/// "a man and a dog in front of a car sleep": the tree has nsubj(sleep, man), conj(man, dog); the
/// graph conj:and(man, dog), nsubj(sleep, dog), nmod:in_front_of(dog, car) besides. The sentence
/// must outlive the graph.
DependencyGraph collapse(const english::Sentence& tree);

}  // namespace metrics::spice
