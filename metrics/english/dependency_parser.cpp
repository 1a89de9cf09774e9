#include "metrics/english/dependency_parser.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "metrics/english/arc_network.h"
#include "metrics/english/beam_search.h"
#include "metrics/english/linear_model.h"

namespace metrics::english {
namespace {

constexpr std::string_view kMark = "blip-dep";
constexpr const char* kActionFile = "parser.bin";
constexpr const char* kArcFile = "arcs.bin";

/// The beam's states are all kept until the end, and the network looks at every pair of words; no
/// sentence that people write is that long.
constexpr std::size_t kLongest = 2000;      // words; what is longer is parsed with a beam of one
constexpr std::size_t kLongestVoted = 200;  // words; what is longer is parsed without the network

}  // namespace

class ParserModel {
 public:
  ParserModel(LinearModel linear_model, ArcNetwork arc_network)
      : linear(std::move(linear_model)), actions(linear.classes()), arcs(std::move(arc_network)) {
    if (arcs.relations != actions.relations) {
      throw base::FormatError(base::str("the relations of ", kArcFile, " are not those of ",
                                        kActionFile, ": they were not learnt together"));
    }
  }
  LinearModel linear;
  ActionSet actions;
  ArcNetwork arcs;
};

DependencyParser::DependencyParser(LinearModel actions, ArcNetwork arcs)
    : model_(std::make_shared<const ParserModel>(std::move(actions), std::move(arcs))) {}

DependencyParser DependencyParser::load(const std::filesystem::path& folder) {
  LinearModel actions = LinearModel::load(folder / kActionFile, kMark);
  ArcNetwork arcs = ArcNetwork::load(folder / kArcFile);
  try {
    return {std::move(actions), std::move(arcs)};
  } catch (const base::FormatError& error) {
    throw base::FormatError(base::str((folder / kActionFile).string(), ": ", error.what()));
  }
}

void DependencyParser::save(const std::filesystem::path& folder) const {
  model_->linear.save(folder / kActionFile, kMark);
  model_->arcs.save(folder / kArcFile);
}

void DependencyParser::parse(Sentence& sentence) const {
  if (sentence.empty()) return;
  std::optional<ArcVotes> votes;
  if (sentence.size() <= kLongestVoted) votes.emplace(model_->arcs, sentence);
  const auto vote = [&](const State& state, Move move) -> const std::int32_t* {
    return votes ? votes->of(state.head_of_top(move), state.top.word).data() : nullptr;
  };
  const int width = sentence.size() <= kLongest ? kBeamWidth : 1;
  const BeamSteps beam = search(ParserInput(sentence), model_->actions, model_->linear.weights(),
                                model_->linear.rows(), width, vote);
  build_tree(beam.best(beam.begins.size() - 2), model_->actions, sentence);
}

}  // namespace metrics::english
