#include "metrics/spice/scene_tuples.h"

#include <algorithm>
#include <string_view>

#include "metrics/english/unicode.h"
#include "metrics/spice/collapse.h"
#include "metrics/spice/reference_resolution.h"

namespace metrics::spice {
namespace {

/// An object of a verb, or what a preposition joins to it.
bool is_object_relation(std::string_view relation) {
  return relation == "dobj" || relation == "iobj" || is_subtype(relation, "nmod");
}

/// "in front of" of "nmod:in_front_of".
std::string preposition(std::string_view relation) {
  std::string words(relation.substr(relation.find(':') + 1));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

/// Applies the rules to the graph of one sentence.
class Rules {
 public:
  Rules(const DependencyGraph& graph, std::vector<FoundTuple>& tuples)
      : graph_(graph), order_(graph.in_rule_order()), tuples_(tuples) {}

  void apply() {
    for (const int verb : order_) subject_verb_object(verb);
    for (const int noun : order_) participle_with_object(noun);
    for (const int verb : order_) subject_verb(verb);
    for (const int predicate : order_) subject_copula(predicate);
    for (const int noun : order_) adjectives(noun);
    for (const int adjective : order_) adjective_of_subject(adjective);
    for (const int noun : order_) prepositions(noun);
    for (const int noun : order_) possessors(noun);
    for (const int verb : order_) agents(verb);
    numbers();
    compounds_and_nouns();
  }

 private:
  /// "A man is riding a horse", "a man sits on a horse".
  void subject_verb_object(int verb) {
    if (graph_.has_child(verb, "cop")) return;
    for (const int subject : nouns(verb, "nsubj")) objects(verb, subject);
  }

  /// "A cat sitting in a chair", "a man riding a horse".
  void participle_with_object(int noun) {
    for (const int verb : graph_.children(noun, "acl")) {
      if (graph_.word(verb).tag.starts_with('V')) objects(verb, noun);
    }
  }

  void objects(int verb, int subject) {
    for (const Edge& edge : graph_.children(verb)) {
      if (!is_object_relation(edge.relation) || !graph_.is_noun(edge.dependent)) continue;
      std::string predicate = predicate_of(verb);
      if (is_subtype(edge.relation, "nmod") && edge.relation != "nmod:poss" &&
          edge.relation != "nmod:agent") {
        predicate += " " + preposition(edge.relation);
      }
      relation(subject, edge.dependent, predicate);
    }
  }

  /// "A woman is smiling": a verb with a subject but no object is an attribute.
  void subject_verb(int verb) {
    if (graph_.has_child(verb, "cop")) return;
    const std::vector<Edge>& children = graph_.children(verb);
    if (std::any_of(children.begin(), children.end(), [&](const Edge& edge) {
          return is_object_relation(edge.relation) && graph_.is_noun(edge.dependent);
        })) {
      return;
    }
    for (const int subject : nouns(verb, "nsubj")) predicate_of_subject(subject, verb);
  }

  /// "The man is a rider", once for each copula ("may be").
  void subject_copula(int predicate) {
    const std::size_t copulas = graph_.children(predicate, "cop").size();
    for (const int subject : nouns(predicate, "nsubj")) {
      for (std::size_t i = 0; i < copulas; ++i) predicate_of_subject(subject, predicate);
    }
  }

  /// "The man is in the car", "next to the car", is a relation; the rest are attributes, but not
  /// "there is a man".
  void predicate_of_subject(int subject, int predicate) {
    const std::vector<int> markers = graph_.children(predicate, "case");
    if (!markers.empty()) {
      std::string words = graph_.word(markers.front()).form;
      std::vector<int> more = graph_.children(markers.front(), "mwe");
      more.erase(std::unique(more.begin(), more.end()), more.end());
      for (const int word : more) words += " " + graph_.word(word).form;
      relation(subject, predicate, words);
    } else if (graph_.word(predicate).lemma != "be") {
      attribute(subject, predicate);
    }
  }

  /// "A smart woman".
  void adjectives(int noun) {
    for (const int adjective : graph_.children(noun, "amod")) attribute(noun, adjective);
  }

  /// "The man is tall": found as a copula too, but also without one and with a pronoun.
  void adjective_of_subject(int adjective) {
    if (!graph_.word(adjective).tag.starts_with('J')) return;
    for (const int subject : graph_.children(adjective, "nsubj")) attribute(subject, adjective);
  }

  /// "A cup on a table", "a picture of it".
  void prepositions(int noun) {
    if (!graph_.is_noun(noun)) return;
    for (const Edge& edge : graph_.children(noun)) {
      if (!is_subtype(edge.relation, "nmod")) continue;
      if (edge.relation == "nmod:poss" || edge.relation == "nmod:agent") continue;
      relation(noun, edge.dependent, preposition(edge.relation));
    }
  }

  /// "A man's watch"; "his watch", once a noun is in the pronoun's place.
  void possessors(int noun) {
    if (!graph_.is_noun(noun)) return;
    for (const int owner : nouns(noun, "nmod:poss")) relation(owner, noun, "have");
  }

  /// "The horse was ridden by a man".
  void agents(int verb) {
    if (!graph_.word(verb).tag.starts_with('V')) return;
    for (const int agent : nouns(verb, "nmod:agent")) {
      for (const int object : nouns(verb, "nsubjpass")) {
        relation(agent, object, predicate_of(verb));
      }
    }
  }

  /// "Two cats", found in three rounds. A word can be found in more than one.
  void numbers() {
    for (const int verb : order_) {
      for (const int subject : graph_.children(verb, "nsubj")) {
        const int object = graph_.is_plural_noun(subject) ? plural_object(verb) : -1;
        if (object < 0) continue;
        number_of(subject);
        number_of(object);
        break;
      }
    }
    for (const int noun : order_) {
      if (graph_.is_plural_noun(noun) && (graph_.is_root(noun) || is_lone_plural_subject(noun))) {
        number_of(noun);
      }
    }
    for (const int noun : order_) {
      if (graph_.is_plural_noun(noun) && !graph_.is_root(noun) && is_other_plural(noun)) {
        number_of(noun);
      }
    }
  }

  /// "Two cats chase three mice", "two cats sit on three chairs": the first plural object, direct
  /// ones before those of a preposition; -1 if there is none.
  int plural_object(int verb) const {
    for (const bool prepositional : {false, true}) {
      for (const Edge& edge : graph_.children(verb)) {
        if (!graph_.is_plural_noun(edge.dependent)) continue;
        if (!prepositional && (edge.relation == "dobj" || edge.relation == "iobj")) {
          return edge.dependent;
        }
        if (prepositional && is_subtype(edge.relation, "nmod") &&
            edge.relation.find("agent") == std::string::npos &&
            graph_.has_child(edge.dependent, "case")) {
          return edge.dependent;
        }
      }
    }
    return -1;
  }

  /// "Two cats sleep", "two cats sit on a chair".
  bool is_lone_plural_subject(int noun) const {
    const std::vector<Edge> up = graph_.parents(noun);
    return std::any_of(up.begin(), up.end(), [&](const Edge& edge) {
      return edge.relation == "nsubj" && plural_object(edge.governor) < 0;
    });
  }

  /// "A cat on two chairs", but not what a verb with a plural subject has for an object.
  bool is_other_plural(int noun) const {
    const std::vector<Edge> up = graph_.parents(noun);
    return std::none_of(up.begin(), up.end(), [&](const Edge& edge) {
      if (edge.relation == "nsubj") return true;
      if (edge.relation != "dobj" && edge.relation != "iobj" &&
          !edge.relation.starts_with("nmod")) {
        return false;
      }
      const std::vector<int> subjects = graph_.children(edge.governor, "nsubj");
      return std::any_of(subjects.begin(), subjects.end(),
                         [&](int subject) { return graph_.is_plural_noun(subject); });
    });
  }

  /// A number that stands before its noun ("number 5" has none), else a quantity ("a lot of").
  void number_of(int noun) {
    const std::vector<int> numbers = graph_.children(noun, "nummod");
    if (!numbers.empty()) {
      if (graph_.number(numbers.front()) < graph_.number(noun)) attribute(noun, numbers.front());
      return;
    }
    const std::vector<int> quantities = graph_.children(noun, "det:qmod");
    if (!quantities.empty()) attribute(noun, quantities.front());
  }

  /// "A tennis racket" is a racket with the attribute "tennis", and no object besides. Nouns joined
  /// by "and" were meant to share their relations, but the original compares a word with a node
  /// there, which are never equal.
  void compounds_and_nouns() {
    std::vector<bool> in_compound(graph_.size());
    for (const int noun : order_) {
      if (!graph_.is_noun(noun)) continue;
      for (const int modifier : nouns(noun, "compound")) {
        in_compound[noun] = in_compound[modifier] = true;
        attribute(noun, modifier);
      }
    }
    for (const int noun : order_) {
      if (graph_.is_noun(noun) && !in_compound[noun]) tuples_.push_back({name(noun)});
    }
  }

  std::vector<int> nouns(int governor, std::string_view relation) const {
    std::vector<int> found = graph_.children(governor, relation);
    std::erase_if(found, [&](int node) { return !graph_.is_noun(node); });
    return found;
  }

  /// "pick up"; a particle of "be" stands alone.
  std::string predicate_of(int verb) const {
    const std::string& lemma = graph_.word(verb).lemma;
    const std::vector<int> particles = graph_.children(verb, "compound:prt");
    if (particles.empty()) return lemma;
    return (lemma == "be" ? "" : lemma) + " " + graph_.word(particles.front()).form;
  }

  std::string name(int node) const { return english::lower(graph_.word(node).lemma); }
  void attribute(int noun, int of) { tuples_.push_back({name(noun), name(of)}); }
  void relation(int subject, int object, std::string predicate) {
    tuples_.push_back({name(subject), name(object), std::move(predicate)});
  }

  const DependencyGraph& graph_;
  const std::vector<int> order_;
  std::vector<FoundTuple>& tuples_;
};

}  // namespace

std::vector<FoundTuple> scene_tuples(std::span<const english::Sentence> sentences) {
  std::vector<FoundTuple> tuples;
  for (const english::Sentence& sentence : sentences) {
    DependencyGraph graph = collapse(sentence);
    promote_quantified_nouns(graph);
    resolve_pronouns(graph);
    Rules(graph, tuples).apply();
  }
  return tuples;
}

}  // namespace metrics::spice
