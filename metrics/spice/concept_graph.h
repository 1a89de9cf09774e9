// Tuples become a graph, in which words that mean the same are one thing; graphs are compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "metrics/english/synonyms.h"
#include "metrics/spice/scene_tuples.h"

namespace metrics::spice {

/// A word or phrase, or several that were merged, and the synsets that they are in.
struct Concept {
  std::vector<std::string> words;        ///< sorted
  std::vector<english::Synset> synsets;  ///< sorted

  bool operator==(const Concept&) const = default;
  /// Whether they share a word or a synset.
  bool is_similar(const Concept& other) const;
  /// 1 if they share a word, else the synsets in both over the synsets in either.
  float similarity(const Concept& other) const;
  /// Takes in what the other has; false if it had it all.
  bool merge(const Concept& other);
};

/// Finds concepts by what they share, so that a graph of n tuples is made in O(n) rather than
/// O(n^2). Concepts are searched within groups: all objects, the attributes of one object, the
/// relations between two.
class ConceptIndex {
 public:
  using Group = std::uint64_t;
  /// `place` is a number for the concept, its own within the group.
  void add(Group group, const Concept& name, int place);
  /// The places of concepts that may share a word or a synset with this one, and of all that do:
  /// ascending, each once.
  std::vector<int> candidates(Group group, const Concept& name) const;

 private:
  std::unordered_multimap<std::uint64_t, int> places_;
};

class ConceptGraph {
 public:
  struct Object {
    Concept name;
    std::vector<Concept> attributes;
  };
  struct Relation {
    int subject, object;  ///< places in objects()
    Concept name;
  };

  /// `synonyms` must outlive the graph; without them (null) a word only means itself.
  explicit ConceptGraph(const english::Synonyms* synonyms) : synonyms_(synonyms) {}

  /// An object is the one that it equals, else merged into the most similar (the first of equals),
  /// else new. An attribute or relation that is there already is dropped, else merged into the
  /// first similar of the same object or objects, else new.
  void add(const FoundTuple& tuple);

  const std::vector<Object>& objects() const { return objects_; }
  const std::vector<Relation>& relations() const { return relations_; }
  /// Objects, attributes and relations together.
  std::size_t size() const { return attributes_ + objects_.size() + relations_.size(); }

  /// The places of what is similar to a concept: objects, attributes of an object, relations
  /// between two objects.
  std::vector<int> similar_objects(const Concept& name) const;
  std::vector<int> similar_attributes(int object, const Concept& name) const;
  std::vector<int> similar_relations(int subject, int object, const Concept& name) const;

 private:
  Concept concept_of(const std::string& phrase) const;
  int add_object(const std::string& phrase);
  void add_attribute(int object, const std::string& phrase);
  void add_relation(int subject, int object, const std::string& phrase);

  const english::Synonyms* synonyms_;
  std::vector<Object> objects_;
  std::vector<Relation> relations_;
  std::size_t attributes_ = 0;
  ConceptIndex index_;
};

/// Which tuples have their like in the other graph: one of equal length, similar in every part. In
/// the order of metrics::tuples(): each object with its attributes, then relations.
struct GraphMatch {
  std::vector<bool> hypothesis, references;
};
GraphMatch match(const ConceptGraph& hypothesis, const ConceptGraph& references);

}  // namespace metrics::spice
