#include "metrics/spice/prepositions.h"

#include "metrics/english/unicode.h"

#include <algorithm>
#include <array>
#include <vector>

namespace metrics::spice {
namespace {

using TwoWords = std::array<std::string_view, 2>;
using ThreeWords = std::array<std::string_view, 3>;

// The original also lists "depending on" and "prior to", but with a blank in front, so that it
// never finds them.
constexpr std::array<TwoWords, 36> kSideBySide = {{
    {"across", "from"},    {"along", "with"},      {"alongside", "of"}, {"apart", "from"},
    {"as", "for"},         {"as", "from"},         {"as", "of"},        {"as", "per"},
    {"as", "to"},          {"aside", "from"},      {"based", "on"},     {"close", "by"},
    {"close", "to"},       {"contrary", "to"},     {"compared", "to"},  {"compared", "with"},
    {"except", "for"},     {"exclusive", "of"},    {"far", "from"},     {"followed", "by"},
    {"inside", "of"},      {"irrespective", "of"}, {"next", "to"},      {"near", "to"},
    {"off", "of"},         {"out", "of"},          {"outside", "of"},   {"owing", "to"},
    {"preliminary", "to"}, {"preparatory", "to"},  {"previous", "to"},  {"pursuant", "to"},
    {"regardless", "of"},  {"subsequent", "to"},   {"thanks", "to"},    {"together", "with"},
}};

constexpr std::array<TwoWords, 15> kFirstGoverns = {{
    {"apart", "from"},
    {"as", "from"},
    {"aside", "from"},
    {"away", "from"},
    {"close", "by"},
    {"close", "to"},
    {"contrary", "to"},
    {"far", "from"},
    {"next", "to"},
    {"near", "to"},
    {"out", "of"},
    {"outside", "of"},
    {"pursuant", "to"},
    {"regardless", "of"},
    {"together", "with"},
}};

constexpr std::array<ThreeWords, 13> kAroundNoun = {{
    {"by", "means", "of"},
    {"in", "accordance", "with"},
    {"in", "addition", "to"},
    {"in", "case", "of"},
    {"in", "front", "of"},
    {"in", "lieu", "of"},
    {"in", "place", "of"},
    {"in", "spite", "of"},
    {"on", "account", "of"},
    {"on", "behalf", "of"},
    {"on", "top", "of"},
    {"with", "regard", "to"},
    {"with", "respect", "to"},
}};

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> choices) {
  return std::find(choices.begin(), choices.end(), text) != choices.end();
}

bool is_leaf(const DependencyGraph& graph, int node) {
  return graph.children(node).empty();
}

bool is_marker(const DependencyGraph& graph, int governor, int word, std::string_view relation) {
  const Edge* edge = graph.edge(governor, word);
  return edge && edge->relation == relation && is_leaf(graph, word);
}

/// Where the words of a preposition stand side by side: the nodes of the first of them.
template <std::size_t n>
std::vector<int> places(const std::vector<std::string>& words,
                        const std::array<std::string_view, n>& preposition) {
  std::vector<int> found;
  for (std::size_t i = 0; i + n <= words.size(); ++i) {
    if (std::equal(preposition.begin(), preposition.end(), words.begin() + i)) {
      found.push_back(static_cast<int>(i));
    }
  }
  return found;
}

/// All that depends on `from` shall depend on `to`.
void move_children(DependencyGraph& graph, int from, int to) {
  const std::vector<Edge> children = graph.children(from);
  for (const Edge& edge : children) {
    graph.remove(edge);
    graph.add({to, edge.dependent, edge.relation});
  }
}

/// "close to a wall", both words on the wall: case(wall, close), case(wall, to).
void join_side_by_side(DependencyGraph& graph, int first) {
  const int second = first + 1;
  for (const Edge& up : graph.parents(first)) {
    if (!is_one_of(up.relation, {"case", "advmod"}) || !is_leaf(graph, first)) continue;
    if (!is_marker(graph, up.governor, second, "case")) continue;
    make_expression(graph, up.governor, "case", std::array{first, second});
    return;
  }
}

/// "sitting close to a wall", the wall on "close": advmod(sitting, close), nmod(close, wall),
/// case(wall, to). The wall goes where "close" was.
void join_governing_first(DependencyGraph& graph, int first) {
  const int second = first + 1;
  for (const int noun : graph.children(first, "nmod")) {
    if (!is_marker(graph, noun, second, "case")) continue;
    if (graph.is_root(first)) {
      graph.set_root(first, false);
      graph.set_root(noun, true);
    } else {
      const int governor = graph.parent(first);
      if (governor < 0) return;
      std::string relation = "nmod";
      // "he said the house is close to a wall": what is said is (close to) the wall.
      const std::string& up = graph.edge(governor, first)->relation;
      if (graph.has_child(first, "cop") &&
          is_one_of(up, {"conj", "xcomp", "ccomp", "acl", "advcl", "acl:relcl", "parataxis",
                         "appos", "list"})) {
        relation = up;
      }
      graph.add({governor, noun, relation});
    }
    graph.remove({first, noun, "nmod"});
    move_children(graph, first, noun);
    make_expression(graph, noun, "case", std::array{first, second});
    return;
  }
}

/// "a dog in front of a door": nmod(dog, front), case(front, in), nmod(front, door),
/// case(door, of). The door goes where "front" was.
void join_around_noun(DependencyGraph& graph, int first) {
  const int middle = first + 1, last = first + 2;
  if (!is_marker(graph, middle, first, "case")) return;
  const std::vector<Edge> children = graph.children(middle);
  for (const Edge& down : children) {
    const int noun = down.dependent;
    if (!is_one_of(down.relation, {"nmod", "acl", "advcl"})) continue;
    if (!is_marker(graph, noun, last, "case") && !is_marker(graph, noun, last, "mark")) continue;
    std::string_view marker = "case";
    if (graph.is_root(middle)) {
      graph.set_root(middle, false);
      graph.set_root(noun, true);
    } else {
      const int governor = graph.parent(middle);
      if (governor < 0) return;
      std::string relation = graph.edge(governor, middle)->relation;
      // "in case of raining": a clause, even where its noun was none.
      if (relation == "nmod" && down.relation != "nmod") {
        relation = down.relation;
        marker = "mark";
      }
      graph.add({governor, noun, relation});
    }
    graph.remove(down);
    move_children(graph, middle, noun);
    make_expression(graph, noun, marker, std::array{first, middle, last});
    return;
  }
}

/// A preposition of a relation that has none in its name yet.
struct CaseMarker {
  int governor, noun;
  std::vector<int> words;
};

/// Calls visit(governor, edge, marker) for "a cup on a table": cup, nmod(cup, table), on.
template <class Visit>
void for_each_marker(const DependencyGraph& graph, const Visit& visit) {
  for (const int governor : graph.in_rule_order()) {
    for (const Edge& edge : graph.children(governor)) {
      if (!is_one_of(edge.relation, {"nmod", "acl", "advcl"})) continue;
      for (const int marker : graph.children(edge.dependent, "case")) visit(edge, marker);
    }
  }
}

/// The prepositions of three words ("in front of"), of two ("next to") or of one.
std::vector<CaseMarker> find_markers(const DependencyGraph& graph, int length) {
  std::vector<CaseMarker> found;
  for_each_marker(graph, [&](const Edge& edge, int marker) {
    const std::vector<int> more = graph.children(marker, "mwe");
    const auto add = [&](std::vector<int> words) {
      std::sort(words.begin(), words.end(),
                [&](int a, int b) { return graph.number(a) < graph.number(b); });
      found.push_back({edge.governor, edge.dependent, std::move(words)});
    };
    if (length == 1) add({marker});
    for (const int second : more) {
      if (length == 2) add({marker, second});
      for (const int third : more) {
        if (length == 3 && third != second) add({marker, second, third});
      }
    }
  });
  return found;
}

void name_case_marker(DependencyGraph& graph, const CaseMarker& marker) {
  const Edge* edge = graph.edge(marker.governor, marker.noun);
  const std::string relation = edge->relation;
  std::string name;
  for (std::size_t i = 0; i < marker.words.size(); ++i) {
    if (i > 0 && graph.number(marker.words[i]) != graph.number(marker.words[i - 1]) + 1) {
      // Words apart make two relations: "on the left and to" is both "on" and "to".
      graph.add({marker.governor, marker.noun, with_case_marker(relation, name)});
      name.clear();
    }
    if (!name.empty()) name += '_';
    name += english::lower(graph.word(marker.words[i]).form);
  }
  graph.rename(marker.governor, marker.noun, with_case_marker(relation, name));
}

}  // namespace

void make_expression(DependencyGraph& graph, int governor, std::string_view relation,
                     std::span<const int> words) {
  for (const int word : words) {
    graph.remove_parents(word);
    if (word == words.front()) {
      graph.add({governor, word, std::string(relation)});
    } else {
      graph.add({words.front(), word, "mwe"});
    }
  }
}

void join_multiword_prepositions(DependencyGraph& graph) {
  std::vector<std::string> words;
  for (int node = 0; node < graph.size(); ++node)
    words.push_back(english::lower(graph.word(node).form));
  for (const TwoWords& preposition : kSideBySide) {
    for (const int first : places(words, preposition)) join_side_by_side(graph, first);
  }
  for (const TwoWords& preposition : kFirstGoverns) {
    for (const int first : places(words, preposition)) join_governing_first(graph, first);
  }
  for (const ThreeWords& preposition : kAroundNoun) {
    for (const int first : places(words, preposition)) join_around_noun(graph, first);
  }
}

void name_case_markers(DependencyGraph& graph) {
  const DependencyGraph passive = graph;
  for_each_marker(passive, [&](const Edge& edge, int marker) {
    if (edge.relation == "nmod" && english::lower(graph.word(marker).form) == "by" &&
        passive.has_child(edge.governor, "auxpass")) {
      graph.rename(edge.governor, edge.dependent, "nmod:agent");
    }
  });
  for (const int length : {3, 2, 1}) {
    const std::vector<int>* last = nullptr;
    const std::vector<CaseMarker> markers = find_markers(graph, length);
    for (const CaseMarker& marker : markers) {
      // Found in either order of its words, but to be used once.
      if (!last || *last != marker.words) name_case_marker(graph, marker);
      last = &marker.words;
    }
  }
}

std::string with_case_marker(std::string_view relation, std::string_view marker) {
  std::string name(relation.substr(0, relation.find(':')));
  return name.append(":").append(marker);
}

}  // namespace metrics::spice
