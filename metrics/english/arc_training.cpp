#include "metrics/english/arc_training.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "metrics/english/perceptron.h"

namespace metrics::english {
namespace {

/// Forms and endings get a vector of their own if they are there so often.
constexpr int kLeastForms = 3, kLeastEndings = 6;
/// Of Adam. The second moment forgets fast: rare words have few steps.
constexpr double kBeta1 = 0.9, kBeta2 = 0.99, kEpsilon = 1e-7;
/// Shares of all steps in which the learning rate rises, and of itself that is left at the end.
constexpr double kWarmUp = 0.01, kLastRate = 0.02;

/// e^x for x <= 0. The C library's differs in its last bit from machine to machine.
float exponential(float x) {
  if (x < -80) return 0;
  const double scaled = static_cast<double>(x) * 1.4426950408889634;  // log2(e)
  const double whole = std::floor(scaled + 0.5);
  const double rest = (scaled - whole) * 0.6931471805599453;  // |rest| <= ln(2) / 2
  double sum = 1;
  for (int i = 9; i > 0; --i) sum = 1 + sum * rest / i;
  const auto exponent = static_cast<std::uint64_t>(static_cast<std::int64_t>(whole) + 1023);
  return static_cast<float>(sum * std::bit_cast<double>(exponent << 52));
}

/// Turns scores into probabilities less 1 for the right one: the gradient of the cross entropy,
/// which it returns.
double cross_entropy(std::span<float> scores, std::size_t right) {
  const float largest = *std::max_element(scores.begin(), scores.end());
  float sum = 0;
  for (float& score : scores) sum += score = exponential(score - largest);
  for (float& score : scores) score /= sum;
  const double loss = -std::log(std::max(static_cast<double>(scores[right]), 1e-30));
  scores[right] -= 1;
  return loss;
}

struct Example {
  ArcInput input;
  std::vector<std::size_t> heads;      // by place
  std::vector<std::size_t> relations;  // by place; the number of relations for the root
};

/// What is set to zero while a sentence is learnt, and what the rest is multiplied with.
class Dropout {
 public:
  Dropout(const ArcTraining& options, base::Random& random)
      : forgotten_(options.forgotten_forms), dropout_(options.dropout), random_(random) {}

  void forget_forms(ArcInput& input) {
    for (std::uint32_t& form : input.forms) {
      if (random_.uniform() < forgotten_) form = 0;
    }
  }
  Matrix mask(std::size_t rows, std::size_t columns) {
    Matrix mask(rows, columns);
    const auto limit = static_cast<std::uint32_t>(dropout_ * 4294967295.0);
    const auto kept = static_cast<float>(1 / (1 - dropout_));
    for (float& value : mask.values()) value = random_.bits() < limit ? 0 : kept;
    return mask;
  }

 private:
  double forgotten_, dropout_;
  base::Random& random_;
};

void multiply(std::span<const float> factors, std::span<float> values) {
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= factors[i];
}

/// The weights as the way back needs them. They change once a step, not once a sentence.
struct Transposed {
  explicit Transposed(const ArcNetwork& network)
      : head(transposed(network.head)),
        dependent(transposed(network.dependent)),
        relation(transposed(network.relation)) {
    for (const auto& layer : network.layers) layers.push_back(transposed(layer.weight));
  }
  Matrix head, dependent, relation;
  std::vector<Matrix> layers;
};

/// One sentence there and back.
class Pass {
 public:
  Pass(const ArcNetwork& network, const Transposed& back, const Example& example,
       ArcNetwork& gradients)
      : network_(network), back_(back), example_(example), gradients_(gradients) {}

  /// The loss; its gradients are added. `dropout` may be null.
  double run(const ArcInput& input, Dropout* dropout) {
    const ArcWords words = look_at_words(network_, input, [&](Matrix& values) {
      if (!dropout) return;
      masks_.push_back(dropout->mask(values.rows(), values.columns()));
      multiply(masks_.back().values(), values.values());
    });
    if (dropout) hidden_mask_ = dropout->mask(1, network_.hidden());
    d_heads_ = Matrix(input.places(), network_.hidden());
    d_dependents_ = d_heads_;
    double loss = 0;
    for (std::size_t dependent = 1; dependent < input.places(); ++dependent) {
      loss += learn_word(input, words, dependent);
    }
    return_through_layers(input, words);
    return loss;
  }

 private:
  double learn_word(const ArcInput& input, const ArcWords& words, std::size_t dependent) {
    // A word is not its own head: its place is left out, so heads behind it move up by one.
    const auto place_of = [&](std::size_t i) { return i < dependent ? i : i + 1; };
    const std::size_t others = input.places() - 1, right = example_.heads[dependent];
    Matrix met(others, network_.hidden());
    std::vector<float> d_scores(others);
    for (std::size_t i = 0; i < others; ++i) {
      meet(network_, input, words, place_of(i), dependent, met[i]);
      if (hidden_mask_) multiply(hidden_mask_->values(), met[i]);
      d_scores[i] = dot(met[i], network_.arc[0]);
    }
    const std::size_t right_row = right < dependent ? right : right - 1;
    double loss = cross_entropy(d_scores, right_row);

    Matrix d_met(1, network_.hidden());
    for (std::size_t i = 0; i < others; ++i) {
      const float d_score = d_scores[i];
      const std::span<const float> hidden = met[i], arc = network_.arc[0];
      const std::span<float> d_hidden = d_met[0], d_arc = gradients_.arc[0];
      for (std::size_t j = 0; j < hidden.size(); ++j) {
        d_hidden[j] = d_score * arc[j];
        d_arc[j] += d_score * hidden[j];
      }
      if (i == right_row) loss += learn_relation(hidden, example_.relations[dependent], d_met);
      if (hidden_mask_) multiply(hidden_mask_->values(), d_hidden);
      for (std::size_t j = 0; j < hidden.size(); ++j) {
        if (!(hidden[j] > 0)) d_hidden[j] = 0;
      }
      const std::size_t head = place_of(i);
      add(d_hidden, d_heads_[head]);
      add(d_hidden, d_dependents_[dependent]);
      add(d_hidden, gradients_.distance[input.distance(head, dependent)]);
      add(d_hidden, gradients_.between[input.between(head, dependent)]);
    }
    return loss;
  }

  double learn_relation(std::span<const float> hidden, std::size_t relation, Matrix& d_hidden) {
    if (relation == network_.relations.size()) return 0;
    Matrix scores = network_.relation_bias;
    matrix_detail::add_product(hidden.data(), hidden.size(), 1, network_.relation, scores);
    const double loss = cross_entropy(scores.values(), relation);
    add(scores[0], gradients_.relation_bias[0]);
    add_product(scores, back_.relation, d_hidden);
    matrix_detail::add_product(hidden.data(), 1, hidden.size(), scores, gradients_.relation);
    return loss;
  }

  void return_through_layers(const ArcInput& input, const ArcWords& words) {
    Matrix d_words(input.places(), network_.width());
    add_product(d_heads_, back_.head, d_words);
    add_product(d_dependents_, back_.dependent, d_words);
    add_transposed_product(words.vectors.back(), d_heads_, gradients_.head);
    add_transposed_product(words.vectors.back(), d_dependents_, gradients_.dependent);
    const std::size_t width = network_.width();
    for (std::size_t layer = network_.layers.size(); layer-- > 0;) {
      Matrix d_added = d_words;
      if (!masks_.empty()) multiply(masks_[layer + 1].values(), d_added.values());
      const std::span<const float> added = words.added[layer].values();
      for (std::size_t i = 0; i < added.size(); ++i) {
        if (!(added[i] > 0)) d_added.values()[i] = 0;
      }
      for (std::size_t place = 0; place < input.places(); ++place) {
        add(d_added[place], gradients_.layers[layer].bias[0]);
      }
      add_transposed_product(with_neighbours(words.vectors[layer]), d_added,
                             gradients_.layers[layer].weight);
      Matrix d_neighbours(input.places(), 3 * width);
      add_product(d_added, back_.layers[layer], d_neighbours);
      for (std::size_t place = 0; place < input.places(); ++place) {
        const std::span<const float> row = d_neighbours[place];
        if (place > 0) add(row.first(width), d_words[place - 1]);
        add(row.subspan(width, width), d_words[place]);
        if (place + 1 < input.places()) add(row.last(width), d_words[place + 1]);
      }
    }
    if (!masks_.empty()) multiply(masks_[0].values(), d_words.values());
    add(d_words[0], gradients_.root[0]);
    for (std::size_t place = 1; place < input.places(); ++place) {
      add(d_words[place], gradients_.form[input.forms[place]]);
      add(d_words[place], gradients_.ending[input.endings[place]]);
      add(d_words[place], gradients_.tag[input.tags[place]]);
    }
  }

  const ArcNetwork& network_;
  const Transposed& back_;
  const Example& example_;
  ArcNetwork& gradients_;
  std::vector<Matrix> masks_;
  std::optional<Matrix> hidden_mask_;
  Matrix d_heads_, d_dependents_;
};

/// Adam's state of one matrix.
struct Moments {
  explicit Moments(const Matrix& matrix)
      : first(matrix.rows(), matrix.columns()), second(matrix.rows(), matrix.columns()) {}
  Matrix first, second;
};

class Learner {
 public:
  Learner(ArcNetwork network, const ArcTraining& options)
      : network_(std::move(network)),
        gradients_(network_),
        options_(options),
        random_(options.seed) {
    ArcNetwork::for_each(gradients_, [&](Matrix& matrix) {
      std::fill(matrix.values().begin(), matrix.values().end(), 0.0f);
      moments_.emplace_back(matrix);
    });
  }

  void learn(const std::vector<Example>& examples) {
    std::vector<std::uint32_t> order(examples.size());
    std::iota(order.begin(), order.end(), 0u);
    std::size_t words = 0;
    for (const Example& example : examples) words += example.input.places() - 1;
    all_steps_ = std::max<double>(
        1, options_.epochs *
               std::ceil(static_cast<double>(words) / static_cast<double>(options_.batch_words)));
    for (int epoch = 1; epoch <= options_.epochs; ++epoch) {
      shuffle(order, random_);
      double loss = 0;
      for (std::size_t next = 0; next < order.size();) loss += step(examples, order, next);
      if (options_.after_epoch) options_.after_epoch(epoch, loss / static_cast<double>(words));
    }
  }

  const ArcNetwork& network() const { return network_; }

 private:
  /// Learns the sentences from order[next] on that make a batch, and moves `next` behind them.
  double step(const std::vector<Example>& examples, const std::vector<std::uint32_t>& order,
              std::size_t& next) {
    const Transposed back(network_);
    double loss = 0;
    std::size_t words = 0;
    std::set<std::uint32_t> rows[3];  // of the tables of words that the batch looks up
    while (next < order.size() && words < options_.batch_words) {
      const Example& example = examples[order[next++]];
      ArcInput input = example.input;
      Dropout dropout(options_, random_);
      dropout.forget_forms(input);
      loss += Pass(network_, back, example, gradients_).run(input, &dropout);
      words += input.places() - 1;
      rows[0].insert(input.forms.begin() + 1, input.forms.end());
      rows[1].insert(input.endings.begin() + 1, input.endings.end());
      rows[2].insert(input.tags.begin() + 1, input.tags.end());
    }
    descend(rows, 1 / static_cast<float>(words));
    return loss;
  }

  void descend(const std::set<std::uint32_t> (&rows)[3], float weight) {
    ++steps_;
    const double done = std::min(1.0, steps_ / all_steps_);
    const double rate =
        options_.learning_rate * std::min(1.0, done / kWarmUp) * std::max(kLastRate, 1 - done);
    // Adam's corrections for moments that began at 0, as powers without the C library's pow.
    beta1_power_ *= kBeta1;
    beta2_power_ *= kBeta2;
    const auto step_size = static_cast<float>(rate / (1 - beta1_power_));
    const auto second_scale = static_cast<float>(1 / (1 - beta2_power_));

    std::vector<Matrix*> values, gradients;
    ArcNetwork::for_each(network_, [&](Matrix& matrix) { values.push_back(&matrix); });
    ArcNetwork::for_each(gradients_, [&](Matrix& matrix) { gradients.push_back(&matrix); });
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto descend_row = [&](std::size_t row) {
        const std::span<float> value = (*values[i])[row], gradient = (*gradients[i])[row],
                               first = moments_[i].first[row], second = moments_[i].second[row];
        for (std::size_t j = 0; j < value.size(); ++j) {
          const float g = weight * gradient[j];
          gradient[j] = 0;
          first[j] += static_cast<float>(1 - kBeta1) * (g - first[j]);
          second[j] += static_cast<float>(1 - kBeta2) * (g * g - second[j]);
          value[j] -= step_size * first[j] /
                      (std::sqrt(second[j] * second_scale) + static_cast<float>(kEpsilon));
        }
      };
      if (i < std::size(rows)) {  // a table of words, most of which were not there
        for (const std::uint32_t row : rows[i]) descend_row(row);
      } else {
        for (std::size_t row = 0; row < values[i]->rows(); ++row) descend_row(row);
      }
    }
  }

  ArcNetwork network_, gradients_;
  std::vector<Moments> moments_;
  const ArcTraining& options_;
  base::Random random_;
  double steps_ = 0, all_steps_ = 1, beta1_power_ = 1, beta2_power_ = 1;
};

template <class Text>
Vocabulary vocabulary(const std::vector<Sentence>& trees, int least, const Text& text) {
  std::map<std::uint32_t, int> counts;
  for (const Sentence& tree : trees) {
    for (const Word& word : tree) ++counts[Vocabulary::hash(text(word))];
  }
  std::vector<std::uint32_t> hashes;
  for (const auto& [hash, count] : counts) {
    if (count >= least) hashes.push_back(hash);
  }
  return Vocabulary(std::move(hashes));
}

/// A network that knows nothing yet: numbers so large that sums over `inputs` of them times vectors
/// of unit size stay of unit size.
ArcNetwork untrained(const std::vector<Sentence>& trees, std::vector<std::string> relations,
                     const ArcTraining& options) {
  base::Random random(options.seed, 1);
  const auto drawn = [&](std::size_t rows, std::size_t columns, double deviation) {
    Matrix matrix(rows, columns);
    const double reach = deviation * 1.7320508;  // uniform numbers up to sqrt(3) have deviation 1
    for (float& value : matrix.values()) {
      value = static_cast<float>(reach * (2 * random.uniform() - 1));
    }
    return matrix;
  };
  const auto over = [](double gain, std::size_t inputs) {
    return std::sqrt(gain / static_cast<double>(inputs));
  };
  const std::size_t width = options.width, hidden = options.hidden;
  ArcNetwork network;
  network.relations = std::move(relations);
  network.forms = vocabulary(trees, kLeastForms, [](const Word& w) { return normalized(w.form); });
  network.endings = vocabulary(trees, kLeastEndings, [](const Word& word) {
    return std::string(ArcInput::ending_of(normalized(word.form)));
  });
  network.tags = vocabulary(trees, 1, [](const Word& word) { return word.tag; });
  network.form = drawn(network.forms.rows(), width, 0.1);
  network.ending = drawn(network.endings.rows(), width, 0.1);
  network.tag = drawn(network.tags.rows(), width, 0.3);
  network.root = drawn(1, width, 0.3);
  for (int layer = 0; layer < options.layers; ++layer) {
    network.layers.push_back({drawn(3 * width, width, over(2, 3 * width)), Matrix(1, width)});
  }
  network.head = drawn(width, hidden, over(1, width));
  network.dependent = drawn(width, hidden, over(1, width));
  network.distance = drawn(ArcNetwork::kDistances, hidden, 0.1);
  network.between = drawn(ArcNetwork::kBetween, hidden, 0.1);
  network.arc = drawn(1, hidden, over(1, hidden));
  network.relation = drawn(hidden, network.relations.size(), over(1, hidden));
  network.relation_bias = Matrix(1, network.relations.size());
  return network;
}

Example example_of(const ArcNetwork& network, const Sentence& tree) {
  const std::vector<std::string>& names = network.relations;
  Example example{ArcInput(tree, network), {0}, {names.size()}};
  for (const Word& word : tree) {
    example.heads.push_back(static_cast<std::size_t>(word.head));
    const auto relation = std::find(names.begin(), names.end(), word.relation);
    if (relation == names.end() && word.head != 0) {
      throw base::UsageError(base::str("train_arcs: \"", word.relation, "\" is no relation"));
    }
    example.relations.push_back(static_cast<std::size_t>(relation - names.begin()));
  }
  return example;
}

}  // namespace

ArcNetwork train_arcs(const std::vector<Sentence>& trees, std::vector<std::string> relations,
                      const ArcTraining& options) {
  Learner learner(untrained(trees, std::move(relations), options), options);
  std::vector<Example> examples;
  for (const Sentence& tree : trees) examples.push_back(example_of(learner.network(), tree));
  learner.learn(examples);
  return learner.network().rounded();
}

double arc_loss(const ArcNetwork& network, const Sentence& tree, ArcNetwork& gradients) {
  const Example example = example_of(network, tree);
  return Pass(network, Transposed(network), example, gradients).run(example.input, nullptr);
}

}  // namespace metrics::english
