#include "metrics/english/tagger_training.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/random.h"
#include "metrics/english/linear_model.h"
#include "metrics/english/tagger_features.h"

namespace metrics::english {
namespace {

/// By how much the right tag has to be better than any other.
constexpr std::int32_t kMargin = 20;

/// A sentence as the learner sees it.
struct Example {
  TaggerInput input;
  std::vector<int> tags;  // class numbers
};

/// Corrects the weights if they do not give the tag by a margin. What they give.
int learn_tag(AveragedPerceptron& perceptron, std::span<const Row> features, int tag) {
  const auto classes = static_cast<std::size_t>(perceptron.classes());
  std::vector<std::int32_t> scores(padded(perceptron.classes()));
  add_up(features, perceptron.weights(), std::span(scores));
  const int given = best_class(scores, classes);
  scores[tag] -= kMargin;
  const int rival = best_class(scores, classes);
  if (rival != tag) {
    perceptron.update(features, tag, 1);
    perceptron.update(features, rival, -1);
  }
  return given;
}

/// One pass over a sentence: tags it as Tagger would and corrects the weights on the way.
void learn(AveragedPerceptron& perceptron, const Example& example) {
  std::vector<Row> features;
  std::vector<int> guesses;
  for (std::size_t at = 0; at < example.input.size(); ++at) {
    example.input.features_alone(at, perceptron.rows(), features);
    guesses.push_back(learn_tag(perceptron, features, example.tags[at]));
  }
  int previous = -1, before_previous = -1;
  for (std::size_t at = 0; at < example.input.size(); ++at) {
    example.input.features(at, previous, before_previous, guesses, perceptron.rows(), features);
    before_previous = previous;
    previous = learn_tag(perceptron, features, example.tags[at]);
    perceptron.count_example();
  }
}

}  // namespace

Tagger train_tagger(std::span<const Sentence> sentences, const TaggerTraining& options) {
  std::set<std::string> tags;
  for (const Sentence& sentence : sentences) {
    for (const Word& word : sentence) tags.insert(word.tag);
  }
  if (tags.empty()) throw base::UsageError("train_tagger: there is nothing to learn from");
  const std::vector<std::string> classes(tags.begin(), tags.end());

  std::vector<Example> examples;
  for (const Sentence& sentence : sentences) {
    examples.push_back({TaggerInput(forms_of(sentence)), {}});
    for (const Word& word : sentence) {
      const auto found = std::lower_bound(classes.begin(), classes.end(), word.tag);
      examples.back().tags.push_back(static_cast<int>(found - classes.begin()));
    }
  }
  std::vector<double> weights;
  for (int learner = 0; learner < options.orders; ++learner) {
    AveragedPerceptron perceptron(static_cast<int>(classes.size()), options.rows);
    base::Random random(options.seed, static_cast<std::uint64_t>(learner));
    std::vector<std::uint32_t> order(examples.size());
    std::iota(order.begin(), order.end(), 0u);
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
      shuffle(order, random);
      for (const std::uint32_t i : order) learn(perceptron, examples[i]);
    }
    perceptron.add_average(weights);
  }
  return Tagger(LinearModel(classes, quantized(weights)));
}

std::vector<Sentence> with_predicted_tags(std::span<const Sentence> sentences,
                                          std::span<const int> groups, int folds,
                                          const TaggerTraining& options) {
  std::vector<Sentence> tagged(sentences.begin(), sentences.end());
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<Sentence> others;
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      if (groups[i] % folds != fold) others.push_back(sentences[i]);
    }
    const Tagger tagger = train_tagger(others, options);
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      if (groups[i] % folds == fold) tagger.tag(tagged[i]);
    }
  }
  return tagged;
}

}  // namespace metrics::english
