// The arc-hybrid transition system: a sentence is read from left to right, words wait on a stack,
// and every word but one leaves it for a head. Source: Kuhlmann, Gomez-Rodriguez and Satta,
// "Dynamic Programming Algorithms for Transition-Based Dependency Parsers" (ACL 2011).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metrics/english/sentence.h"

namespace metrics::english {

enum class Move : std::uint8_t {
  kShift,  ///< the next word goes onto the stack
  kLeft,   ///< the stack's top leaves it as a child of the next word
  kRight,  ///< the stack's top leaves it as a child of the word below it
};

struct Action {
  Move move = Move::kShift;
  std::uint8_t relation = 0;  ///< of the child; a number of ActionSet::relations
};

/// The actions that a parser chooses among, in the order of a model's classes.
struct ActionSet {
  /// From names: "shift", "left:nsubj", "right:dobj", ..., and at the end "left" and "right", which
  /// are no actions. FormatError if the names are others, if there are more than 64 relations, or
  /// if there is no action to the left or to the right, so that sentences could not be parsed to
  /// their end.
  explicit ActionSet(const std::vector<std::string>& names);

  /// What the actions of a move have in common: the class whose score counts for each of them, or
  /// -1. So the head is learnt from all relations, not from one at a time.
  int common_class(Move move) const;
  /// How many classes there are, the common ones among them.
  int classes() const { return static_cast<int>(actions.size()) + 2; }

  std::vector<Action> actions;
  std::vector<std::string> relations;
};

/// What a parser knows of a word that has no head yet.
struct Subtree {
  struct Child {
    std::int32_t word = 0;  ///< 0: there is none
    std::uint8_t relation = 0;
  };
  std::int32_t word = 0;  ///< 0: there is none
  std::int32_t left_count = 0, right_count = 0;
  Child left[2], right[2];                                ///< the outermost, then the one before it
  std::uint64_t left_relations = 0, right_relations = 0;  ///< a bit a relation

  void add_left(Child child);
  void add_right(Child child);
};

/// A step of a parse. It leads back to the steps before, which it shares with other parses that
/// began alike (a stack laid out as in Huang and Sagae, "Dynamic Programming for Linear-Time
/// Incremental Parsing", ACL 2010), so that a step takes the same time however long the sentence.
struct State {
  Subtree top;   ///< of the stack
  Subtree next;  ///< the next word, from 1 on; word is the sentence's size + 1 at its end
  const State* below = nullptr;   ///< whose top is the word below ours; null: the stack is empty
  const State* before = nullptr;  ///< null: the start
  std::int32_t action = -1;       ///< that led here from `before`
  std::int32_t score = 0;         ///< sum over actions so far

  static State start();
  bool allows(Move move, int words) const;
  /// The word of which a move to the left or to the right makes the stack's top a child.
  int head_of_top(Move move) const { return move == Move::kLeft ? next.word : below->top.word; }
  /// `number` is of an action of the set. The new state points to this one and has its score.
  State after(const ActionSet& set, std::int32_t number) const;
};

/// How many actions parse a sentence of so many (at least one) words: always the same.
constexpr int action_count(int words) {
  return 2 * words - 1;
}

/// The actions that build the (projective) tree of a sentence: a child is taken as early as can be.
std::vector<std::int32_t> actions_of(const Sentence& sentence, const ActionSet& set);
/// The tree that led to a last state: fills in heads and relations.
void build_tree(const State& last, const ActionSet& set, Sentence& sentence);

/// The names of an ActionSet for these trees.
std::vector<std::string> action_names(const std::vector<Sentence>& trees);

}  // namespace metrics::english
