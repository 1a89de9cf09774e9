#include "metrics/spice/conjunctions.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/english/unicode.h"
#include "metrics/spice/prepositions.h"

namespace metrics::spice {
namespace {

/// In an absurd tree, a word with many prepositions and conjuncts could be copied for each pairing.
constexpr int kMostNodes = 1000;

/// Words joined to the same word by the same conjunction. A conjunct can be in it several times:
/// once for each way in which a rule finds it.
struct Group {
  int head, conjunction;
  std::vector<int> conjuncts;
};

class Groups {
 public:
  void add(int head, int conjunction, int conjunct) {
    if (groups_.empty() || groups_.back().head != head ||
        groups_.back().conjunction != conjunction) {
      groups_.push_back({head, conjunction, {}});
    }
    groups_.back().conjuncts.push_back(conjunct);
  }
  auto begin() const { return groups_.begin(); }
  auto end() const { return groups_.end(); }

 private:
  std::vector<Group> groups_;
};

/// Calls visit(conjunction, conjunct) for all pairs of them below a word.
template <class Visit>
void for_each_conjunct(const DependencyGraph& graph, int head, const Visit& visit) {
  for (const int conjunction : graph.children(head, "cc")) {
    for (const int conjunct : graph.children(head, "conj")) visit(conjunction, conjunct);
  }
}

/// The relation that a conjunction makes: "conj:and", also for "as well as"; "conj:negcc" for "but
/// rather" and others that deny.
std::string relation_of(const DependencyGraph& graph, int conjunction) {
  const auto form = [&](int number) {
    return number < 1 || number > graph.words() ? std::string()
                                                : english::lower(graph.word(number - 1).form);
  };
  const int number = graph.number(conjunction);
  const std::string first = form(number), second = form(number + 1);
  if (first == "not" && form(number - 1) == "but") return "conj:negcc";
  // The original keeps capitals where a sentence ends with its conjunction.
  if (number == graph.words()) return "conj:" + graph.word(conjunction).form;
  const std::string pair = first + " " + second;
  if (pair == "but rather" || pair == "if not" || pair == "instead of" || pair == "rather than") {
    return "conj:negcc";
  }
  if (pair == "but also" || pair == "as well" ||
      (pair == "not to" && form(number + 2) == "mention")) {
    return "conj:and";
  }
  return "conj:" + first;
}

/// With several conjunctions at one word, a conjunct has the last that stands before it, else the
/// first.
void name_group(DependencyGraph& graph, int head, const std::vector<int>& conjuncts,
                int conjunction) {
  for (const int conjunct : conjuncts) {
    const Edge* edge = graph.edge(head, conjunct);
    if (edge->relation == "conj" || graph.number(conjunct) > graph.number(conjunction)) {
      graph.rename(head, conjunct, relation_of(graph, conjunction));
    }
  }
}

/// "flies to Paris and from Rome"; the head of the group is Paris.
void split_phrases(DependencyGraph& graph, const Group& group) {
  const int verb = graph.parent(group.head);
  if (verb < 0) return;
  const int first = graph.original(verb);
  const std::string relation = graph.edge(verb, group.head)->relation;
  std::vector<int> copies;
  for (const int conjunct : group.conjuncts) {
    if (graph.size() >= kMostNodes) break;
    const int copy = graph.add_copy(verb);
    if (const Edge* edge = graph.edge(group.head, conjunct)) {
      graph.remove(Edge(*edge));
      graph.add({copy, conjunct, relation});
    }
    graph.add({first, copy, "conj"});
    copies.push_back(copy);
  }
  if (const Edge* edge = graph.edge(group.head, group.conjunction)) {
    graph.remove(Edge(*edge));
    graph.add({first, group.conjunction, "cc"});
  }
  name_group(graph, first, copies, group.conjunction);
}

/// "flies to and from Rome"; the head of the group is "to".
void split_markers(DependencyGraph& graph, const Group& group) {
  const int noun = graph.parent(group.head);
  const int verb = noun < 0 ? -1 : graph.parent(noun);
  if (verb < 0) return;
  const int first = graph.original(verb);
  const std::string relation = graph.edge(verb, noun)->relation;
  std::vector<int> copies;
  for (const int marker : group.conjuncts) {
    if (graph.size() >= kMostNodes) break;
    const int copy = graph.add_copy(verb);
    graph.add({first, copy, "conj"});
    const bool takes_marker = relation == "nmod" || relation == "acl" || relation == "advcl";
    const std::string form = english::lower(graph.word(marker).form);
    graph.add({copy, noun, takes_marker ? with_case_marker(relation, form) : relation});
    copies.push_back(copy);
  }
  name_group(graph, first, copies, group.conjunction);
}

bool is_subject(std::string_view relation) {
  return relation == "nsubj" || relation == "csubj" || relation == "nsubjpass" ||
         relation == "csubjpass";
}

/// "a dog was washed and sleeps": a passive subject is an active one of a verb that is surely
/// active, and "a dog sleeps and was washed" the other way round.
std::string subject_relation(const DependencyGraph& graph, std::string relation, int verb) {
  const std::string& tag = graph.word(verb).tag;
  const bool active = tag == "VB" || tag == "VBZ" || tag == "VBP" || tag.starts_with("JJ");
  if (relation.ends_with("pass")) return active ? relation.substr(0, 5) : relation;
  return graph.has_child(verb, "auxpass") ? relation + "pass" : relation;
}

}  // namespace

void split_joined_prepositions(DependencyGraph& graph) {
  // A conjunct counts once for each pairing of prepositions, as in the original: "to Paris and over
  // to Rome" copies the verb twice, the second time without anything.
  Groups phrases;
  for (const int governor : graph.in_rule_order()) {
    for (const Edge& edge : graph.children(governor)) {
      if (edge.relation != "nmod" && edge.relation != "acl" && edge.relation != "advcl") continue;
      const int head = edge.dependent;
      for ([[maybe_unused]] const int marker : graph.children(head, "case")) {
        for_each_conjunct(graph, head, [&](int conjunction, int conjunct) {
          for ([[maybe_unused]] const int its_marker : graph.children(conjunct, "case")) {
            phrases.add(head, conjunction, conjunct);
          }
        });
      }
    }
  }
  for (const Group& group : phrases) split_phrases(graph, group);

  Groups markers;
  for (const int noun : graph.in_rule_order()) {
    for (const int marker : graph.children(noun, "case")) {
      for_each_conjunct(graph, marker, [&](int conjunction, int conjunct) {
        markers.add(marker, conjunction, conjunct);
      });
    }
  }
  for (const Group& group : markers) split_markers(graph, group);
}

void name_conjunctions(DependencyGraph& graph) {
  Groups groups;
  for (const int head : graph.in_rule_order()) {
    for_each_conjunct(graph, head, [&](int conjunction, int conjunct) {
      groups.add(head, conjunction, conjunct);
    });
  }
  for (const Group& group : groups) {
    name_group(graph, group.head, group.conjuncts, group.conjunction);
  }
}

void propagate_conjuncts(DependencyGraph& graph) {
  const DependencyGraph before = graph;
  const auto first_subject = [&](int verb) {
    const std::vector<Edge>& children = before.children(verb);
    const auto found = std::find_if(children.begin(), children.end(),
                                    [](const Edge& edge) { return is_subject(edge.relation); });
    return found == children.end() ? nullptr : &*found;
  };
  for (const int head : before.in_sentence_order()) {
    for (const Edge& joined : before.children(head)) {
      if (!is_subtype(joined.relation, "conj")) continue;
      const int conjunct = joined.dependent;
      // In "a man who sleeps and a dog that barks" relative clauses keep what is theirs.
      const bool relative_clauses =
          before.has_child(head, "acl:relcl") && before.has_child(conjunct, "acl:relcl");
      std::vector<Edge> up = before.parents(head);
      up.erase(std::unique(up.begin(), up.end()), up.end());
      for (const Edge& edge : up) {
        if (edge.governor == conjunct || edge.relation == "case") continue;
        if (relative_clauses && (edge.relation == "dobj" || edge.relation == "nsubj")) continue;
        graph.add({edge.governor, conjunct, edge.relation});
      }
      const std::string& tag = graph.word(conjunct).tag;
      const Edge* subject = first_subject(head);
      if (subject && !first_subject(conjunct) && (tag.starts_with("VB") || tag.starts_with("JJ"))) {
        graph.add(
            {conjunct, subject->dependent, subject_relation(before, subject->relation, conjunct)});
      }
    }
  }
}

}  // namespace metrics::spice
