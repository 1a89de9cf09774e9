#include "metrics/english/dependency_parser.h"

#include <utility>

#include "base/error.h"
#include "metrics/english/beam_search.h"
#include "metrics/english/linear_model.h"

namespace metrics::english {
namespace {

constexpr std::string_view kMark = "blip-dep";
constexpr const char* kFile = "parser.bin";

/// The beam's states are all kept until the end; no sentence that people write is that long.
constexpr std::size_t kLongest = 2000;  // words; what is longer is parsed with a beam of one

}  // namespace

class ParserModel {
 public:
  explicit ParserModel(LinearModel linear_model)
      : linear(std::move(linear_model)), actions(linear.classes()) {}
  LinearModel linear;
  ActionSet actions;
};

DependencyParser::DependencyParser(LinearModel model)
    : model_(std::make_shared<const ParserModel>(std::move(model))) {}

DependencyParser DependencyParser::load(const std::filesystem::path& folder) {
  LinearModel model = LinearModel::load(folder / kFile, kMark);
  try {
    return DependencyParser(std::move(model));
  } catch (const base::FormatError& error) {
    throw base::FormatError(base::str((folder / kFile).string(), ": ", error.what()));
  }
}

void DependencyParser::save(const std::filesystem::path& folder) const {
  model_->linear.save(folder / kFile, kMark);
}

void DependencyParser::parse(Sentence& sentence) const {
  if (sentence.empty()) return;
  const int width = sentence.size() <= kLongest ? kBeamWidth : 1;
  const BeamSteps beam =
      search(ParserInput(sentence), model_->actions, model_->linear.weights(),
             model_->linear.rows(), width, [](const State&, Action) { return 0; });
  build_tree(beam.best(beam.begins.size() - 2), model_->actions, sentence);
}

}  // namespace metrics::english
