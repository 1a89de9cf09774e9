// The search for the best parse: the `width` best states go on, action by action. Source: Zhang and
// Clark, "A Tale of Two Parsers" (EMNLP 2008).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "metrics/english/parser_features.h"

namespace metrics::english {

/// How many parses of a sentence are followed at once.
constexpr int kBeamWidth = 8;

/// All states of a search. steps[k] holds the states after k actions, the best first.
struct BeamSteps {
  std::vector<State> states;  // never moves once the search has begun
  std::vector<std::size_t> begins;
  const State& best(std::size_t step) const { return states[begins[step]]; }
};

/// One way to go on.
struct Candidate {
  std::int32_t score = 0;
  std::int32_t from = 0;  ///< number of the state in its step
  std::int32_t action = 0;
  /// The better before the worse. Equal scores are told apart, so that the answer is the same
  /// everywhere.
  bool operator<(const Candidate& other) const {
    if (score != other.score) return score > other.score;
    return from != other.from ? from < other.from : action < other.action;
  }
};

/// `weights`: a table with `rows` places. `bonus(state, move)` points to what is added to the score
/// of a move to the left or right, a number a relation, or is null. So another model can vote, and
/// learning asks for an answer that is right by a margin.
template <class Weight, class Bonus>
BeamSteps search(const ParserInput& input, const ActionSet& set, const Weight* weights,
                 std::size_t rows, int width, const Bonus& bonus) {
  const auto steps = static_cast<std::size_t>(action_count(input.words()));
  BeamSteps beam;
  beam.states.reserve(1 + steps * static_cast<std::size_t>(width));
  beam.begins.reserve(steps + 2);
  beam.states.push_back(State::start());
  beam.begins = {0, 1};
  std::vector<Row> features;
  std::vector<std::int32_t> scores(padded(set.classes()));
  std::vector<Candidate> candidates;  // a heap of the best, the worst of them in front
  for (std::size_t step = 0; step < steps; ++step) {
    candidates.clear();
    const std::size_t begin = beam.begins[step], end = beam.begins[step + 1];
    for (std::size_t i = begin; i < end; ++i) {
      const State& state = beam.states[i];
      input.features(state, rows, features);
      add_up(features, weights, std::span(scores));
      bool allowed[3];
      std::int32_t base[3];  // of each move's actions: the score so far, the common class's
      const std::int32_t* added[3]{};  // by relation
      for (const Move move : {Move::kShift, Move::kLeft, Move::kRight}) {
        const int common = set.common_class(move), m = static_cast<int>(move);
        allowed[m] = state.allows(move, input.words());
        base[m] = state.score + (common < 0 ? 0 : scores[common]);
        if (allowed[m] && move != Move::kShift) added[m] = bonus(state, move);
      }
      for (std::size_t number = 0; number < set.actions.size(); ++number) {
        const Action action = set.actions[number];
        const int move = static_cast<int>(action.move);
        if (!allowed[move]) continue;
        const std::int32_t extra = added[move] ? added[move][action.relation] : 0;
        const Candidate candidate{base[move] + scores[number] + extra,
                                  static_cast<std::int32_t>(i - begin),
                                  static_cast<std::int32_t>(number)};
        if (candidates.size() == static_cast<std::size_t>(width)) {
          if (!(candidate < candidates.front())) continue;
          std::pop_heap(candidates.begin(), candidates.end());
          candidates.pop_back();
        }
        candidates.push_back(candidate);
        std::push_heap(candidates.begin(), candidates.end());
      }
    }
    std::sort_heap(candidates.begin(), candidates.end());
    for (const Candidate& chosen : candidates) {
      const State& from = beam.states[begin + static_cast<std::size_t>(chosen.from)];
      beam.states.push_back(from.after(set, chosen.action));
      beam.states.back().score = chosen.score;
    }
    beam.begins.push_back(beam.states.size());
  }
  return beam;
}

}  // namespace metrics::english
