#include "metrics/english/transitions.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/error.h"

namespace metrics::english {
namespace {

constexpr std::size_t kMostRelations = 64;  // the bits of Subtree::left_relations

constexpr std::string_view kShift = "shift";
constexpr std::string_view kLeft = "left:";
constexpr std::string_view kRight = "right:";
constexpr std::string_view kAnyLeft = "left";
constexpr std::string_view kAnyRight = "right";

void add(Subtree::Child (&children)[2], Subtree::Child child) {
  children[1] = children[0];
  children[0] = child;
}

}  // namespace

ActionSet::ActionSet(const std::vector<std::string>& names) {
  if (names.size() < 3 || names.front() != kShift || names[names.size() - 2] != kAnyLeft ||
      names.back() != kAnyRight) {
    throw base::FormatError("the classes are not the actions of the parser");
  }
  actions.emplace_back();
  bool left = false, right = false;
  for (std::size_t i = 1; i < names.size() - 2; ++i) {
    std::string_view relation = names[i];
    Action action;
    if (relation.starts_with(kLeft)) {
      action.move = Move::kLeft;
      relation.remove_prefix(kLeft.size());
      left = true;
    } else if (relation.starts_with(kRight)) {
      action.move = Move::kRight;
      relation.remove_prefix(kRight.size());
      right = true;
    } else {
      throw base::FormatError(base::str('"', names[i], "\" is not an action of the parser"));
    }
    const auto place = std::find(relations.begin(), relations.end(), relation);
    action.relation = static_cast<std::uint8_t>(place - relations.begin());
    if (place == relations.end()) relations.emplace_back(relation);
    if (relations.size() > kMostRelations) {
      throw base::FormatError(base::str("there are more than ", kMostRelations, " relations"));
    }
    actions.push_back(action);
  }
  if (!left || !right) {
    throw base::FormatError("there is no action to the left, or none to the right");
  }
}

int ActionSet::common_class(Move move) const {
  return move == Move::kShift ? -1 : classes() - (move == Move::kLeft ? 2 : 1);
}

void Subtree::add_left(Child child) {
  add(left, child);
  ++left_count;
  left_relations |= std::uint64_t{1} << child.relation;
}

void Subtree::add_right(Child child) {
  add(right, child);
  ++right_count;
  right_relations |= std::uint64_t{1} << child.relation;
}

State State::start() {
  State state;
  state.next.word = 1;
  return state;
}

bool State::allows(Move move, int words) const {
  switch (move) {
    case Move::kShift:
      return next.word <= words;
    case Move::kLeft:
      return top.word != 0 && next.word <= words;
    case Move::kRight:
      return top.word != 0 && below->top.word != 0;
  }
  return false;
}

State State::after(const ActionSet& set, std::int32_t number) const {
  const auto [move, relation] = set.actions[number];
  State state;
  state.before = this;
  state.action = number;
  state.score = score;
  if (move == Move::kShift) {
    state.top = next;
    state.below = this;
    state.next.word = next.word + 1;
    return state;
  }
  state.top = below->top;
  state.below = below->below;
  state.next = next;
  const Subtree::Child child{top.word, relation};
  if (move == Move::kLeft) {
    state.next.add_left(child);
  } else {
    state.top.add_right(child);
  }
  return state;
}

std::vector<std::int32_t> actions_of(const Sentence& sentence, const ActionSet& set) {
  const int words = static_cast<int>(sentence.size());
  std::vector<int> last_child(sentence.size() + 1, 0);
  for (int word = 1; word <= words; ++word) last_child[sentence[word - 1].head] = word;

  const auto number_of = [&](Move move, const std::string& relation) {
    for (std::size_t i = 0; i < set.actions.size(); ++i) {
      const Action action = set.actions[i];
      if (action.move != move) continue;
      if (move == Move::kShift || set.relations[action.relation] == relation) {
        return static_cast<std::int32_t>(i);
      }
    }
    throw base::UsageError(base::str("there is no action for the relation ", relation));
  };

  std::vector<std::int32_t> numbers;
  std::vector<int> stack;
  int next = 1;
  while (next <= words || stack.size() > 1) {
    const int top = stack.empty() ? 0 : stack.back();
    const Word* word = top == 0 ? nullptr : &sentence[top - 1];
    if (word && next <= words && word->head == next) {
      numbers.push_back(number_of(Move::kLeft, word->relation));
      stack.pop_back();
    } else if (stack.size() > 1 && word->head == stack[stack.size() - 2] &&
               last_child[top] < next) {
      numbers.push_back(number_of(Move::kRight, word->relation));
      stack.pop_back();
    } else if (next <= words) {
      numbers.push_back(number_of(Move::kShift, ""));
      stack.push_back(next++);
    } else {
      throw base::UsageError("the tree is not projective");
    }
  }
  return numbers;
}

void build_tree(const State& last, const ActionSet& set, Sentence& sentence) {
  Word& root = sentence[last.top.word - 1];
  root.head = 0;
  root.relation = "root";
  for (const State* state = &last; state->before; state = state->before) {
    const Action action = set.actions[state->action];
    if (action.move == Move::kShift) continue;
    const State& before = *state->before;
    Word& child = sentence[before.top.word - 1];
    child.head = before.head_of_top(action.move);
    child.relation = set.relations[action.relation];
  }
}

std::vector<std::string> action_names(const std::vector<Sentence>& trees) {
  std::set<std::string> left, right;
  for (const Sentence& tree : trees) {
    for (int word = 1; word <= static_cast<int>(tree.size()); ++word) {
      const auto& [form, tag, lemma, head, relation] = tree[word - 1];
      if (head != 0) (head > word ? left : right).insert(relation);
    }
  }
  std::vector<std::string> names{std::string(kShift)};
  for (const std::string& relation : left) names.push_back(std::string(kLeft) + relation);
  for (const std::string& relation : right) names.push_back(std::string(kRight) + relation);
  names.emplace_back(kAnyLeft);
  names.emplace_back(kAnyRight);
  return names;
}

}  // namespace metrics::english
