#include "metrics/spice/concept_graph.h"

#include "metrics/english/unicode.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>

namespace metrics::spice {
namespace {

template <class T>
std::size_t count_shared(const std::vector<T>& a, const std::vector<T>& b) {
  std::size_t shared = 0;
  auto i = a.begin();
  auto j = b.begin();
  while (i != a.end() && j != b.end()) {
    if (*i < *j) {
      ++i;
    } else if (*j < *i) {
      ++j;
    } else {
      ++shared, ++i, ++j;
    }
  }
  return shared;
}

/// False if `into` had all of `from`.
template <class T>
bool unite(std::vector<T>& into, const std::vector<T>& from) {
  std::vector<T> both;
  std::set_union(into.begin(), into.end(), from.begin(), from.end(), std::back_inserter(both));
  const bool grew = both.size() != into.size();
  into = std::move(both);
  return grew;
}

std::uint64_t mix(std::uint64_t group, std::uint64_t token) {
  std::uint64_t bits = group * 0x9e3779b97f4a7c15u ^ token;
  bits = (bits ^ (bits >> 31)) * 0xbf58476d1ce4e5b9u;
  return bits ^ (bits >> 29);
}

/// Calls visit(key) for every word and synset of a concept in a group. Different ones may have the
/// same key.
template <class Visit>
void for_each_key(ConceptIndex::Group group, const Concept& name, const Visit& visit) {
  for (const std::string& word : name.words) visit(mix(group, std::hash<std::string>{}(word)));
  for (const english::Synset synset : name.synsets) visit(mix(group, synset));
}

// Groups are pairs of numbers: no objects, one, or the two ends of a relation.
constexpr ConceptIndex::Group kObjects = 0;

ConceptIndex::Group attributes_of(int object) {
  return static_cast<std::uint64_t>(object) + 1;
}

ConceptIndex::Group relations_between(int subject, int object) {
  return attributes_of(subject) << 32 | attributes_of(object);
}

}  // namespace

bool Concept::is_similar(const Concept& other) const {
  return count_shared(synsets, other.synsets) > 0 || count_shared(words, other.words) > 0;
}

float Concept::similarity(const Concept& other) const {
  if (count_shared(words, other.words) > 0) return 1;
  const std::size_t shared = count_shared(synsets, other.synsets);
  if (shared == 0) return 0;
  return static_cast<float>(shared) /
         static_cast<float>(synsets.size() + other.synsets.size() - shared);
}

bool Concept::merge(const Concept& other) {
  const bool new_words = unite(words, other.words);
  return unite(synsets, other.synsets) || new_words;
}

void ConceptIndex::add(Group group, const Concept& name, int place) {
  for_each_key(group, name, [&](std::uint64_t key) { places_.emplace(key, place); });
}

std::vector<int> ConceptIndex::candidates(Group group, const Concept& name) const {
  std::vector<int> found;
  for_each_key(group, name, [&](std::uint64_t key) {
    const auto [begin, end] = places_.equal_range(key);
    for (auto i = begin; i != end; ++i) found.push_back(i->second);
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void ConceptGraph::add(const FoundTuple& tuple) {
  const int first = add_object(tuple[0]);
  if (tuple.size() == 2) add_attribute(first, tuple[1]);
  if (tuple.size() == 3) add_relation(first, add_object(tuple[1]), tuple[2]);
}

Concept ConceptGraph::concept_of(const std::string& phrase) const {
  Concept made{{phrase}, {}};
  if (synonyms_) {
    std::string key =
        english::lower(phrase.substr(std::min(phrase.find_first_not_of(' '), phrase.size())));
    std::replace(key.begin(), key.end(), ' ', '_');
    const auto synsets = synonyms_->synsets(key);
    made.synsets.assign(synsets.begin(), synsets.end());
  }
  return made;
}

int ConceptGraph::add_object(const std::string& phrase) {
  const Concept added = concept_of(phrase);
  int best = -1;
  float best_similarity = 0;
  for (const int place : index_.candidates(kObjects, added)) {
    const Concept& name = objects_[place].name;
    if (name == added) return place;
    const float similarity = name.similarity(added);
    if (similarity > best_similarity) {
      best_similarity = similarity;
      best = place;
    }
  }
  if (best < 0) {
    best = static_cast<int>(objects_.size());
    objects_.push_back({added, {}});
  } else if (!objects_[best].name.merge(added)) {
    return best;
  }
  index_.add(kObjects, added, best);
  return best;
}

void ConceptGraph::add_attribute(int object, const std::string& phrase) {
  const Concept added = concept_of(phrase);
  std::vector<Concept>& attributes = objects_[object].attributes;
  const std::vector<int> similar = similar_attributes(object, added);
  for (const int place : similar) {
    if (attributes[place] == added) return;
  }
  if (similar.empty()) {
    attributes.push_back(added);
    ++attributes_;
  } else if (!attributes[similar.front()].merge(added)) {
    return;
  }
  const int place = similar.empty() ? static_cast<int>(attributes.size()) - 1 : similar.front();
  index_.add(attributes_of(object), added, place);
}

void ConceptGraph::add_relation(int subject, int object, const std::string& phrase) {
  // "be in" is "in".
  const Concept added = concept_of(phrase.starts_with("be ") ? phrase.substr(3) : phrase);
  const std::vector<int> similar = similar_relations(subject, object, added);
  for (const int place : similar) {
    if (relations_[place].name == added) return;
  }
  if (similar.empty()) {
    relations_.push_back({subject, object, added});
  } else if (!relations_[similar.front()].name.merge(added)) {
    return;
  }
  const int place = similar.empty() ? static_cast<int>(relations_.size()) - 1 : similar.front();
  index_.add(relations_between(subject, object), added, place);
}

std::vector<int> ConceptGraph::similar_objects(const Concept& name) const {
  std::vector<int> found = index_.candidates(kObjects, name);
  std::erase_if(found, [&](int place) { return !objects_[place].name.is_similar(name); });
  return found;
}

std::vector<int> ConceptGraph::similar_attributes(int object, const Concept& name) const {
  std::vector<int> found = index_.candidates(attributes_of(object), name);
  std::erase_if(found,
                [&](int place) { return !objects_[object].attributes[place].is_similar(name); });
  return found;
}

std::vector<int> ConceptGraph::similar_relations(int subject, int object,
                                                 const Concept& name) const {
  std::vector<int> found = index_.candidates(relations_between(subject, object), name);
  std::erase_if(found, [&](int place) { return !relations_[place].name.is_similar(name); });
  return found;
}

namespace {

/// Where the tuple of each object stands among all tuples, and then that of the first relation.
std::vector<std::size_t> tuple_places(const ConceptGraph& graph) {
  std::vector<std::size_t> places = {0};
  for (const ConceptGraph::Object& object : graph.objects()) {
    places.push_back(places.back() + 1 + object.attributes.size());
  }
  return places;
}

}  // namespace

GraphMatch match(const ConceptGraph& hypothesis, const ConceptGraph& references) {
  GraphMatch matched{std::vector<bool>(hypothesis.size()), std::vector<bool>(references.size())};
  const std::vector<std::size_t> here = tuple_places(hypothesis), there = tuple_places(references);
  const auto set = [&](std::size_t hypothesis_tuple, std::size_t reference_tuple) {
    matched.hypothesis[hypothesis_tuple] = true;
    matched.references[reference_tuple] = true;
  };
  std::vector<std::vector<int>> similar;  // by object of the hypothesis: those of the references
  for (std::size_t i = 0; i < hypothesis.objects().size(); ++i) {
    const ConceptGraph::Object& object = hypothesis.objects()[i];
    similar.push_back(references.similar_objects(object.name));
    for (const int other : similar.back()) {
      set(here[i], there[other]);
      for (std::size_t j = 0; j < object.attributes.size(); ++j) {
        for (const int place : references.similar_attributes(other, object.attributes[j])) {
          set(here[i] + 1 + j, there[other] + 1 + place);
        }
      }
    }
  }
  for (std::size_t i = 0; i < hypothesis.relations().size(); ++i) {
    const ConceptGraph::Relation& relation = hypothesis.relations()[i];
    for (const int subject : similar[relation.subject]) {
      for (const int object : similar[relation.object]) {
        for (const int place : references.similar_relations(subject, object, relation.name)) {
          set(here.back() + i, there.back() + place);
        }
      }
    }
  }
  return matched;
}

}  // namespace metrics::spice
