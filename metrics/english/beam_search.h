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
  /// Equal scores are told apart, so that the answer is the same everywhere.
  bool operator<(const Candidate& other) const {
    if (score != other.score) return score > other.score;
    return from != other.from ? from < other.from : action < other.action;
  }
};

/// The scores of a set's actions in a state, from those of its classes.
inline void add_common_scores(const ActionSet& set, std::span<std::int32_t> scores) {
  for (std::size_t action = 0; action < set.actions.size(); ++action) {
    const int common = set.common_class(set.actions[action].move);
    if (common >= 0) scores[action] += scores[static_cast<std::size_t>(common)];
  }
}

/// `weights`: a table with `rows` places. `bonus(state, action)` is added to the score of an
/// action; learning asks so for an answer that is right by a margin.
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
  std::vector<Candidate> candidates;
  for (std::size_t step = 0; step < steps; ++step) {
    candidates.clear();
    const std::size_t begin = beam.begins[step], end = beam.begins[step + 1];
    for (std::size_t i = begin; i < end; ++i) {
      const State& state = beam.states[i];
      input.features(state, rows, features);
      add_up(features, weights, std::span(scores));
      add_common_scores(set, scores);
      const bool allowed[] = {state.allows(Move::kShift, input.words()),
                              state.allows(Move::kLeft, input.words()),
                              state.allows(Move::kRight, input.words())};
      for (std::size_t action = 0; action < set.actions.size(); ++action) {
        if (!allowed[static_cast<int>(set.actions[action].move)]) continue;
        candidates.push_back({state.score + scores[action] + bonus(state, set.actions[action]),
                              static_cast<std::int32_t>(i - begin),
                              static_cast<std::int32_t>(action)});
      }
    }
    const std::size_t kept = std::min(candidates.size(), static_cast<std::size_t>(width));
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(kept),
                      candidates.end());
    for (std::size_t i = 0; i < kept; ++i) {
      const Candidate& chosen = candidates[i];
      const State& from = beam.states[begin + static_cast<std::size_t>(chosen.from)];
      beam.states.push_back(from.after(set, chosen.action));
      beam.states.back().score = chosen.score;
    }
    beam.begins.push_back(beam.states.size());
  }
  return beam;
}

}  // namespace metrics::english
