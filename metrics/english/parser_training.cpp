#include "metrics/english/parser_training.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "metrics/english/beam_search.h"
#include "metrics/english/linear_model.h"
#include "metrics/english/treebank.h"

namespace metrics::english {
namespace {

/// By how much the right parse has to be better than one with a wrong edge, for each such edge.
constexpr std::int32_t kMargin = 150;

/// A tree as the learner sees it.
struct Example {
  explicit Example(const Sentence& sentence, const ActionSet& set)
      : tree(sentence), input(sentence), actions(actions_of(sentence, set)) {}
  Sentence tree;
  ParserInput input;
  std::vector<std::int32_t> actions;
};

class Learner {
 public:
  Learner(std::vector<std::string> names, std::size_t rows)
      : names_(std::move(names)), set_(names_), perceptron_(set_.classes(), rows) {}

  const ActionSet& actions() const { return set_; }

  LinearModel model() const {
    std::vector<double> weights;
    perceptron_.add_average(weights);
    return {names_, quantized(weights)};
  }

  void learn(const Example& example) {
    const auto bonus = [&](const State& state, Move move) {
      return margins(state, move, example.tree);
    };
    const BeamSteps beam =
        search(example.input, set_, perceptron_.weights(), perceptron_.rows(), kBeamWidth, bonus);
    const std::vector<State> right = right_states(example);
    const auto ahead = [&](std::size_t step) {
      return std::int64_t{beam.best(step).score} - right[step].score;
    };
    // The last of equals: once the right parse has fallen out of the beam, the best is another.
    std::size_t worst = 0;
    for (std::size_t step = 1; step < right.size(); ++step) {
      if (ahead(step) >= ahead(worst)) worst = step;
    }
    correct(example, beam.best(worst), right[worst]);
    perceptron_.count_example();
  }

 private:
  /// The states on the way to the right tree, with the scores that the weights give them.
  std::vector<State> right_states(const Example& example) {
    std::vector<State> states{State::start()};
    states.reserve(example.actions.size() + 1);  // states point to each other
    for (const std::int32_t action : example.actions) {
      states.push_back(states.back().after(set_, action));
      states.back().score += score(example, states.back());
    }
    return states;
  }

  /// kMargin for each relation with which the move makes a wrong arc, 0 for the right one.
  const std::int32_t* margins(const State& state, Move move, const Sentence& tree) {
    std::vector<std::int32_t>& margins = margins_[move == Move::kLeft];
    margins.assign(set_.relations.size(), kMargin);
    const Word& child = tree[state.top.word - 1];
    if (child.head == state.head_of_top(move)) {
      const auto right = std::find(set_.relations.begin(), set_.relations.end(), child.relation);
      if (right != set_.relations.end()) margins[right - set_.relations.begin()] = 0;
    }
    return margins.data();
  }

  /// The score of the action that led to a state.
  std::int32_t score(const Example& example, const State& state) {
    example.input.features(*state.before, perceptron_.rows(), features_);
    const int common = set_.common_class(set_.actions[state.action].move);
    std::int32_t sum = 0;
    for (const Row row : features_) {
      const std::int32_t* weights = perceptron_.weights() + row;
      sum += weights[state.action] + (common >= 0 ? weights[common] : 0);
    }
    return sum;
  }

  /// Lowers the actions that led to `wrong` and raises those that led to `right`, as many.
  void correct(const Example& example, const State& wrong, const State& right) {
    std::vector<const State*> wrong_steps, right_steps;
    for (const State* state = &wrong; state->before; state = state->before) {
      wrong_steps.push_back(state);
    }
    for (const State* state = &right; state->before; state = state->before) {
      right_steps.push_back(state);
    }
    // What they have in common would be lowered and raised.
    while (!right_steps.empty() && wrong_steps.back()->action == right_steps.back()->action) {
      wrong_steps.pop_back();
      right_steps.pop_back();
    }
    for (const State* state : wrong_steps) update(example, *state, -1);
    for (const State* state : right_steps) update(example, *state, +1);
  }

  void update(const Example& example, const State& state, std::int32_t amount) {
    example.input.features(*state.before, perceptron_.rows(), features_);
    perceptron_.update(features_, state.action, amount);
    const int common = set_.common_class(set_.actions[state.action].move);
    if (common >= 0) perceptron_.update(features_, common, amount);
  }

  std::vector<std::string> names_;
  ActionSet set_;
  AveragedPerceptron perceptron_;
  std::vector<Row> features_;
  std::vector<std::int32_t> margins_[2];  // one for each move, as the search looks at both at once
};

}  // namespace

DependencyParser train_parser(std::vector<Sentence> trees, const ParserTraining& options) {
  for (Sentence& tree : trees) make_projective(tree);
  Learner learner(action_names(trees), options.rows);
  const ArcNetwork arcs = train_arcs(trees, learner.actions().relations, options.arcs);
  std::vector<Example> examples;
  for (const Sentence& tree : trees) examples.emplace_back(tree, learner.actions());

  base::Random random(options.seed);
  std::vector<std::uint32_t> order(examples.size());
  std::iota(order.begin(), order.end(), 0u);
  for (int epoch = 1; epoch <= options.epochs; ++epoch) {
    shuffle(order, random);
    for (const std::uint32_t i : order) learner.learn(examples[i]);
    if (options.after_epoch) options.after_epoch(epoch, DependencyParser(learner.model(), arcs));
  }
  return {learner.model(), arcs};
}

void Attachment::count(const Sentence& tree, const Sentence& parsed) {
  for (std::size_t i = 0; i < tree.size(); ++i) {
    if (tree[i].relation == "punct") continue;
    ++words;
    const bool head = tree[i].head == parsed[i].head;
    heads += head;
    labelled += head && tree[i].relation == parsed[i].relation;
  }
}

}  // namespace metrics::english
