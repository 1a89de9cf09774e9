#include "metrics/english/tagger.h"

#include <algorithm>

#include "metrics/english/linear_model.h"
#include "metrics/english/tagger_features.h"

namespace metrics::english {
namespace {

constexpr std::string_view kMark = "blip-tag";
constexpr const char* kFile = "tagger.bin";

}  // namespace

Tagger::Tagger(LinearModel model) : model_(std::make_shared<const LinearModel>(std::move(model))) {}

Tagger Tagger::load(const std::filesystem::path& folder) {
  return Tagger(LinearModel::load(folder / kFile, kMark));
}

void Tagger::save(const std::filesystem::path& folder) const {
  model_->save(folder / kFile, kMark);
}

std::vector<std::string_view> Tagger::tag(std::span<const std::string> words) const {
  const std::vector<std::string>& classes = model_->classes();
  const TaggerInput input(words);
  std::vector<Row> features;
  std::vector<std::int32_t> scores(padded(static_cast<int>(classes.size())));
  std::vector<std::string_view> tags;
  tags.reserve(words.size());
  std::vector<int> guesses;
  for (std::size_t at = 0; at < input.size(); ++at) {
    input.features_alone(at, model_->rows(), features);
    add_up<std::int8_t>(features, model_->weights(), scores);
    guesses.push_back(best_class(scores, classes.size()));
  }
  int previous = -1, before_previous = -1;
  for (std::size_t at = 0; at < input.size(); ++at) {
    input.features(at, previous, before_previous, guesses, model_->rows(), features);
    add_up<std::int8_t>(features, model_->weights(), scores);
    before_previous = previous;
    previous = best_class(scores, classes.size());
    tags.push_back(classes[previous]);
  }
  return tags;
}

void Tagger::tag(Sentence& sentence) const {
  const std::vector<std::string> words = forms_of(sentence);
  const std::vector<std::string_view> tags = tag(words);
  for (std::size_t i = 0; i < sentence.size(); ++i) sentence[i].tag = tags[i];
}

}  // namespace metrics::english
