#include "metrics/spice/collapse.h"

#include <vector>

#include "metrics/spice/conjunctions.h"
#include "metrics/spice/prepositions.h"

namespace metrics::spice {
namespace {

/// "was washed": the subject of a verb with a passive auxiliary is a passive one.
void correct_passive_subjects(DependencyGraph& graph) {
  for (int verb = 0; verb < graph.size(); ++verb) {
    if (!graph.has_child(verb, "auxpass")) continue;
    for (const char* subject : {"nsubj", "csubj"}) {
      for (const int node : graph.children(verb, subject)) {
        graph.rename(verb, node, std::string(subject) + "pass");
      }
    }
  }
}

}  // namespace

DependencyGraph collapse(const english::Sentence& tree) {
  DependencyGraph graph(tree);
  correct_passive_subjects(graph);
  join_multiword_prepositions(graph);
  split_joined_prepositions(graph);
  name_case_markers(graph);
  name_conjunctions(graph);
  propagate_conjuncts(graph);
  graph.sort();
  return graph;
}

}  // namespace metrics::spice
