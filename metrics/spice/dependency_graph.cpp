#include "metrics/spice/dependency_graph.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace metrics::spice {
namespace {

/// How many buckets a Java HashMap has for so many keys: a power of two, at most three quarters of
/// it in use.
int hash_buckets(std::size_t keys) {
  int buckets = 16;
  while (keys * 4 > static_cast<std::size_t>(buckets) * 3) buckets *= 2;
  return buckets;
}

}  // namespace

DependencyGraph::DependencyGraph(const english::Sentence& sentence) : sentence_(&sentence) {
  const int words = static_cast<int>(sentence.size());
  for (int i = 0; i < words; ++i) nodes_.push_back({i, sentence[i].head == 0, {}});
  for (int i = 0; i < words; ++i) {
    if (sentence[i].head != 0) add({sentence[i].head - 1, i, sentence[i].relation});
  }
}

bool DependencyGraph::is_noun(int node) const {
  const std::string& tag = word(node).tag;
  return tag == "NN" || tag == "NNP" || is_plural_noun(node);
}

bool DependencyGraph::is_plural_noun(int node) const {
  const std::string& tag = word(node).tag;
  return tag == "NNS" || tag == "NNPS";
}

int DependencyGraph::root() const {
  for (const int node : in_sentence_order()) {
    if (is_root(node)) return node;
  }
  return -1;
}

int DependencyGraph::add_copy(int node) {
  nodes_.push_back({nodes_[node].word, false, {}});
  return size() - 1;
}

void DependencyGraph::add(Edge edge) {
  std::vector<Edge>& children = nodes_[edge.governor].children;
  children.push_back(std::move(edge));
  list_as_hash_table(children);
}

/// A word's hash is its place in the sentence.
void DependencyGraph::list_as_hash_table(std::vector<Edge>& children) const {
  const int buckets = hash_buckets(children.size());
  std::stable_sort(children.begin(), children.end(), [&](const Edge& a, const Edge& b) {
    return number(a.dependent) % buckets < number(b.dependent) % buckets;
  });
}

void DependencyGraph::remove(const Edge& edge) {
  std::vector<Edge>& children = nodes_[edge.governor].children;
  const auto found = std::find(children.begin(), children.end(), edge);
  if (found != children.end()) children.erase(found);
}

void DependencyGraph::remove_parents(int node) {
  for (Node& other : nodes_) {
    std::erase_if(other.children, [&](const Edge& edge) { return edge.dependent == node; });
  }
}

void DependencyGraph::rename(int governor, int dependent, std::string relation) {
  for (Edge& edge : nodes_[governor].children) {
    if (edge.dependent != dependent) continue;
    edge.relation = std::move(relation);
    return;
  }
}

void DependencyGraph::sort() {
  for (Node& node : nodes_) {
    std::sort(node.children.begin(), node.children.end(), [&](const Edge& a, const Edge& b) {
      return std::tuple(number(a.dependent), a.dependent, std::string_view(a.relation)) <
             std::tuple(number(b.dependent), b.dependent, std::string_view(b.relation));
    });
    list_as_hash_table(node.children);
  }
}

std::vector<int> DependencyGraph::children(int node, std::string_view relation) const {
  std::vector<int> found;
  for (const Edge& edge : children(node)) {
    if (edge.relation == relation) found.push_back(edge.dependent);
  }
  return found;
}

bool DependencyGraph::has_child(int node, std::string_view relation) const {
  return std::any_of(children(node).begin(), children(node).end(),
                     [&](const Edge& edge) { return edge.relation == relation; });
}

std::vector<Edge> DependencyGraph::parents(int node) const {
  std::vector<Edge> found;
  for (const Node& other : nodes_) {
    for (const Edge& edge : other.children) {
      if (edge.dependent == node) found.push_back(edge);
    }
  }
  std::sort(found.begin(), found.end(), [&](const Edge& a, const Edge& b) {
    return std::tuple(number(a.governor), a.governor, std::string_view(a.relation)) <
           std::tuple(number(b.governor), b.governor, std::string_view(b.relation));
  });
  return found;
}

const Edge* DependencyGraph::edge(int governor, int dependent) const {
  for (const Edge& edge : children(governor)) {
    if (edge.dependent == dependent) return &edge;
  }
  return nullptr;
}

bool DependencyGraph::leads_to_root(int node, std::vector<bool>& seen) const {
  if (seen[node]) return false;
  if (is_root(node)) return true;
  seen[node] = true;
  const std::vector<Edge> up = parents(node);
  return std::any_of(up.begin(), up.end(),
                     [&](const Edge& edge) { return leads_to_root(edge.governor, seen); });
}

int DependencyGraph::parent(int node) const {
  if (is_root(node)) return -1;
  std::vector<bool> seen(nodes_.size());
  seen[node] = true;
  for (const Edge& edge : parents(node)) {
    if (leads_to_root(edge.governor, seen)) return edge.governor;
  }
  return -1;
}

std::vector<int> DependencyGraph::in_sentence_order() const {
  std::vector<int> nodes(nodes_.size());
  std::iota(nodes.begin(), nodes.end(), 0);
  std::stable_sort(nodes.begin(), nodes.end(),
                   [&](int a, int b) { return nodes_[a].word < nodes_[b].word; });
  return nodes;
}

std::vector<int> DependencyGraph::in_rule_order() const {
  // Depth first: a node is done when all that depends on it is; the last done comes first.
  enum class State : char { kNew, kOpen, kDone };
  std::vector<State> states(nodes_.size(), State::kNew);
  std::vector<int> done;
  bool cycle = false;
  const auto visit = [&](const auto& self, int node) -> void {
    states[node] = State::kOpen;
    for (const Edge& edge : children(node)) {
      if (states[edge.dependent] == State::kOpen) cycle = true;
      if (states[edge.dependent] == State::kNew && !cycle) self(self, edge.dependent);
    }
    states[node] = State::kDone;
    done.push_back(node);
  };
  const std::vector<int> nodes = in_sentence_order();
  for (const int node : nodes) {
    if (states[node] == State::kNew && !cycle) visit(visit, node);
  }
  if (cycle) return nodes;
  std::reverse(done.begin(), done.end());
  return done;
}

bool is_subtype(std::string_view relation, std::string_view type) {
  return relation.size() > type.size() && relation.starts_with(type) &&
         relation[type.size()] == ':';
}

}  // namespace metrics::spice
