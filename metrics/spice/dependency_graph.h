// The words of a sentence and what depends on what: a tree as the parser gives it, a graph once
// conjunctions and pronouns are followed up.
//
// The rules of SPICE go through a graph word by word, and the order decides about ties: which of
// two prepositions names a relation, which of two synonyms a caption's objects are merged into. The
// original keeps edges in hash tables, and here they are listed as those would.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metrics/english/sentence.h"

namespace metrics::spice {

struct Edge {
  int governor = 0, dependent = 0;  ///< nodes
  std::string relation;             ///< "nsubj", "nmod:in_front_of", "conj:and", ...
  bool operator==(const Edge&) const = default;
};

/// Node i is word i + 1 of the sentence; nodes beyond are copies of words. Meant for sentences of
/// some hundred words: much here looks at every edge.
class DependencyGraph {
 public:
  /// The tree of a sentence, which must outlive the graph.
  explicit DependencyGraph(const english::Sentence& sentence);

  int size() const { return static_cast<int>(nodes_.size()); }
  /// How many words the sentence has.
  int words() const { return static_cast<int>(sentence_->size()); }
  const english::Word& word(int node) const { return (*sentence_)[nodes_[node].word]; }
  /// The word's place in the sentence, from 1; that of the copied word for a copy.
  int number(int node) const { return nodes_[node].word + 1; }
  /// The node that a copy is a copy of; itself for any other.
  int original(int node) const { return nodes_[node].word; }
  bool is_noun(int node) const;         ///< tagged NN, NNS, NNP or NNPS
  bool is_plural_noun(int node) const;  ///< tagged NNS or NNPS

  bool is_root(int node) const { return nodes_[node].root; }
  /// The first root; -1 if the sentence is empty.
  int root() const;
  void set_root(int node, bool root) { nodes_[node].root = root; }

  /// Another node for the same word, without edges.
  int add_copy(int node);
  void add(Edge edge);
  /// Does nothing if there is no such edge.
  void remove(const Edge& edge);
  void remove_parents(int node);
  /// Renames the first edge between the two; does nothing if there is none.
  void rename(int governor, int dependent, std::string relation);
  /// Puts edges in the order in which they would be if added by dependent, governor and relation.
  void sort();

  /// The edges from a node, to any word or those with a relation.
  const std::vector<Edge>& children(int node) const { return nodes_[node].children; }
  std::vector<int> children(int node, std::string_view relation) const;
  bool has_child(int node, std::string_view relation) const;
  /// The edges to a node, by governor and relation.
  std::vector<Edge> parents(int node) const;
  /// The first edge between two nodes; none if null.
  const Edge* edge(int governor, int dependent) const;

  /// The first governor from which edges lead up to a root without coming by the node itself; -1
  /// for a root and for what hangs on no root.
  int parent(int node) const;
  /// All nodes, as words stand in the sentence.
  std::vector<int> in_sentence_order() const;
  /// All nodes, governors before their dependents; as words stand if there is a cycle.
  std::vector<int> in_rule_order() const;

 private:
  struct Node {
    int word;
    bool root = false;
    std::vector<Edge> children;
  };
  bool leads_to_root(int node, std::vector<bool>& seen) const;
  void list_as_hash_table(std::vector<Edge>& children) const;

  const english::Sentence* sentence_;
  std::vector<Node> nodes_;
};

/// Whether a relation is a kind of another: "nmod:in" of "nmod", but not "nmod" itself.
bool is_subtype(std::string_view relation, std::string_view type);

}  // namespace metrics::spice
