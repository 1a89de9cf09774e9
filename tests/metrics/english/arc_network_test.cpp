#include "metrics/english/arc_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "metrics/english/arc_training.h"
#include "metrics/english/matrix.h"
#include "metrics/english/model_file.h"
#include "tests/errors.h"
#include "tests/metrics/english/sentences.h"
#include "tests/temporary_folder.h"

namespace metrics::english {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kRelations = {"advmod", "amod", "case", "det", "nmod", "nsubj"};

std::vector<Sentence> trees() {
  std::vector<Sentence> trees = few_trees();
  trees.pop_back();  // the one with another relation
  return trees;
}

Matrix random_matrix(std::size_t rows, std::size_t columns, base::Random& random) {
  Matrix matrix(rows, columns);
  for (float& value : matrix.values()) value = static_cast<float>(random.normal());
  return matrix;
}

TEST(Matrix, ProductsAreTheSumsOfProducts) {
  base::Random random(1);
  for (const auto& [rows, inner, columns] :
       {std::tuple{1, 1, 1}, {3, 5, 7}, {4, 8, 8}, {5, 3, 16}, {9, 20, 45}, {16, 1, 17}}) {
    const Matrix a = random_matrix(rows, inner, random), b = random_matrix(inner, columns, random);
    const Matrix before = random_matrix(rows, columns, random);
    Matrix sums = before, transposed_sums = before;
    add_product(a, b, sums);
    add_transposed_product(transposed(a), b, transposed_sums);
    for (std::size_t i = 0; i < sums.rows(); ++i) {
      for (std::size_t j = 0; j < sums.columns(); ++j) {
        double sum = before[i][j];
        for (std::size_t k = 0; k < a.columns(); ++k) sum += double{a[i][k]} * double{b[k][j]};
        EXPECT_NEAR(sums[i][j], sum, 1e-5);
        EXPECT_EQ(transposed_sums[i][j], sums[i][j]);
      }
    }
  }
  const Matrix a = random_matrix(1, 48, random), b = random_matrix(1, 48, random);
  double sum = 0;
  for (std::size_t i = 0; i < 48; ++i) sum += double{a[0][i]} * double{b[0][i]};
  EXPECT_NEAR(dot(a[0], b[0]), sum, 1e-5);
}

/// The formulas of arc_network.h in double precision, word by word.
class Twin {
 public:
  Twin(const ArcNetwork& network, const Sentence& sentence)
      : network_(network), input_(sentence, network) {
    using Vectors = std::vector<std::vector<double>>;
    const std::size_t places = input_.places(), width = network.width();
    Vectors x(places, std::vector<double>(width));
    for (std::size_t i = 0; i < width; ++i) x[0][i] = network.root[0][i];
    for (std::size_t place = 1; place < places; ++place) {
      for (std::size_t i = 0; i < width; ++i) {
        x[place][i] = double{network.form[input_.forms[place]][i]} +
                      double{network.ending[input_.endings[place]][i]} +
                      double{network.tag[input_.tags[place]][i]};
      }
    }
    for (const ArcNetwork::Layer& layer : network.layers) {
      Vectors next = x;
      for (std::size_t place = 0; place < places; ++place) {
        for (std::size_t out = 0; out < width; ++out) {
          double sum = layer.bias[0][out];
          for (std::size_t neighbour = 0; neighbour < 3; ++neighbour) {
            if (place + neighbour < 1 || place + neighbour > places) continue;
            for (std::size_t in = 0; in < width; ++in) {
              sum += x[place + neighbour - 1][in] * layer.weight[neighbour * width + in][out];
            }
          }
          next[place][out] += std::max(sum, 0.0);
        }
      }
      x = next;
    }
    words_ = x;
  }

  /// Behind the score of the arc those of its relations.
  std::vector<double> scores(std::size_t head, std::size_t dependent) const {
    std::vector<double> scores(1 + network_.relations.size());
    for (std::size_t r = 0; r < network_.relations.size(); ++r) {
      scores[r + 1] = network_.relation_bias[0][r];
    }
    for (std::size_t i = 0; i < network_.hidden(); ++i) {
      double sum = double{network_.distance[input_.distance(head, dependent)][i]} +
                   double{network_.between[input_.between(head, dependent)][i]};
      for (std::size_t j = 0; j < network_.width(); ++j) {
        sum +=
            words_[head][j] * network_.head[j][i] + words_[dependent][j] * network_.dependent[j][i];
      }
      const double hidden = std::max(sum, 0.0);
      scores[0] += hidden * network_.arc[0][i];
      for (std::size_t r = 0; r < network_.relations.size(); ++r) {
        scores[r + 1] += hidden * network_.relation[i][r];
      }
    }
    return scores;
  }

 private:
  const ArcNetwork& network_;
  ArcInput input_;
  std::vector<std::vector<double>> words_;
};

TEST(ArcNetwork, SaysWhatTheFormulasSay) {
  const ArcNetwork network = train_arcs(trees(), kRelations, small_network());
  for (const Sentence& sentence : trees()) {
    const Twin twin(network, sentence);
    ArcVotes votes(network, sentence);
    for (std::size_t dependent = 1; dependent <= sentence.size(); ++dependent) {
      double best = -std::numeric_limits<double>::infinity();
      for (std::size_t head = 0; head <= sentence.size(); ++head) {
        if (head != dependent) best = std::max(best, twin.scores(head, dependent)[0]);
      }
      for (std::size_t head = 0; head <= sentence.size(); ++head) {
        if (head == dependent) continue;
        const std::vector<double> scores = twin.scores(head, dependent);
        const double best_relation = *std::max_element(scores.begin() + 1, scores.end());
        for (std::size_t r = 0; r < kRelations.size(); ++r) {
          const double score = (scores[0] - best) + (scores[r + 1] - best_relation);
          EXPECT_NEAR(votes.of(head, dependent)[r], ArcVotes::kUnitsPerNat * score, 0.51);
        }
      }
    }
  }
}

TEST(ArcNetwork, SeesWhatStandsBetweenAndHowFar) {
  const Sentence sentence =
      tree("he/PRP<nsubj:2 eats/VBZ<root:0 ,/,<punct:2 in/IN<case:6 the/DT<det:6 sun/NN<nmod:2");
  const ArcInput input(sentence, ArcNetwork{});
  EXPECT_EQ(input.places(), 7);
  EXPECT_EQ(input.between(2, 3), 0);
  EXPECT_EQ(input.between(3, 2), 0);
  EXPECT_EQ(input.between(1, 3), 1);          // a verb
  EXPECT_EQ(input.between(0, 2), 2);          // a pronoun, seen from the root
  EXPECT_EQ(input.between(6, 2), 4 + 8);      // a comma and a preposition, but no noun: the ends
  EXPECT_EQ(input.between(1, 6), 1 + 4 + 8);  // do not count
  EXPECT_EQ(input.distance(0, 5), 0);
  EXPECT_EQ(input.distance(3, 2), 1);
  EXPECT_EQ(input.distance(2, 3), 10);
  EXPECT_EQ(input.distance(1, 6), 14);
}

TEST(ArcNetwork, GradientsAreTheSlopeOfTheLoss) {
  ArcTraining training = small_network();
  training.epochs = 3;  // where it is still steep
  const ArcNetwork network = train_arcs(trees(), kRelations, training);
  ArcNetwork zeros = network;
  ArcNetwork::for_each(zeros, [](Matrix& matrix) { std::ranges::fill(matrix.values(), 0.0f); });
  std::size_t matrices = 0;
  ArcNetwork::for_each(network, [&](const Matrix&) { ++matrices; });
  for (const Sentence& sentence : trees()) {
    ArcNetwork gradients = zeros;
    arc_loss(network, sentence, gradients);
    for (std::size_t which = 0; which < matrices; ++which) {
      // A step along the gradient of one matrix changes the loss by the gradient's square.
      const auto nth = [which](ArcNetwork& of) -> Matrix& {
        std::vector<Matrix*> all;
        ArcNetwork::for_each(of, [&](Matrix& matrix) { all.push_back(&matrix); });
        return *all[which];
      };
      const Matrix gradient = nth(gradients);
      double square = 0;
      for (const float value : gradient.values()) square += double{value} * double{value};
      const auto loss = [&](double step) {
        ArcNetwork moved = network, ignored = zeros;
        const std::span<float> values = nth(moved).values();
        for (std::size_t i = 0; i < values.size(); ++i) {
          values[i] += static_cast<float>(step * gradient.values()[i]);
        }
        return arc_loss(moved, sentence, ignored);
      };
      ASSERT_GT(square, 0) << "matrix " << which;
      const double step = 2e-3 / std::sqrt(square);
      const double slope = (loss(step) - loss(-step)) / (2 * step);
      // The loss has a bend wherever a sum of a layer passes zero.
      EXPECT_NEAR(slope / square, 1, 0.05) << "matrix " << which;
    }
  }
}

TEST(ArcNetwork, LearnsFewSentences) {
  double first = 0, last = 0;
  ArcTraining training = small_network();
  training.after_epoch = [&](int epoch, double loss) { (epoch == 1 ? first : last) = loss; };
  const ArcNetwork network = train_arcs(trees(), kRelations, training);
  EXPECT_LT(last, first / 3);
  for (const Sentence& sentence : trees()) {
    ArcVotes votes(network, sentence);
    for (std::size_t dependent = 1; dependent <= sentence.size(); ++dependent) {
      const Word& word = sentence[dependent - 1];
      const auto relation = std::ranges::find(kRelations, word.relation) - kRelations.begin();
      const auto of_right = votes.of(static_cast<std::size_t>(word.head), dependent);
      if (word.head == 0) {
        EXPECT_EQ(std::ranges::max(of_right), 0) << drawn(sentence) << ' ' << dependent;
      } else {
        EXPECT_EQ(of_right[relation], 0) << drawn(sentence) << ' ' << dependent;
      }
    }
  }
  EXPECT_THROW(train_arcs(trees(), {"det"}, small_network()), base::UsageError);
}

TEST(ArcNetwork, ComesBackFromItsFile) {
  const TemporaryFolder folder;
  const ArcNetwork network = train_arcs(trees(), kRelations, small_network());
  network.save(folder / "a");
  const ArcNetwork loaded = ArcNetwork::load(folder / "a");
  loaded.save(folder / "b");
  EXPECT_EQ(base::read_file(folder / "a"), base::read_file(folder / "b"));
  EXPECT_EQ(loaded.relations, kRelations);
  ArcVotes votes(network, trees()[0]), loaded_votes(loaded, trees()[0]);
  for (std::size_t head = 0; head <= trees()[0].size(); ++head) {
    if (head == 1) continue;
    const auto said = votes.of(head, 1);
    EXPECT_THAT(loaded_votes.of(head, 1), testing::ElementsAreArray(said.begin(), said.end()));
  }
}

TEST(ArcNetwork, RefusesBrokenFiles) {
  const TemporaryFolder folder;
  ArcTraining training = small_network();
  training.epochs = 1;
  train_arcs(trees(), kRelations, training).save(folder / "arcs.bin");
  const std::string mark = "blip-arc";
  const std::string content(read_model_file(folder / "arcs.bin", mark).content);
  const auto error = [&](const std::string& changed) {
    write_model_file(folder / "arcs.bin", mark, changed);
    return error_of<base::FormatError>([&] { ArcNetwork::load(folder / "arcs.bin"); });
  };
  const auto with_number = [&](std::size_t which, std::uint64_t value) {
    std::string bytes;
    append_number(bytes, value);
    return std::string(content).replace(8 * which, 8, bytes);
  };
  EXPECT_THAT(error(""), HasSubstr("arcs.bin: ends 8 bytes too early"));
  EXPECT_THAT(error(content.substr(0, content.size() - 1)), HasSubstr("bytes too early"));
  EXPECT_THAT(error(content + "x"), HasSubstr("1 bytes behind its last matrix"));
  EXPECT_THAT(error(with_number(0, 17)), HasSubstr("has a width of 17, expected a multiple of 16"));
  EXPECT_THAT(error(with_number(1, 0)), HasSubstr("has a hidden width of 0"));
  EXPECT_THAT(error(with_number(2, 100)), HasSubstr("has a number of layers of 100"));
  EXPECT_THAT(error(with_number(3, UINT64_MAX)), HasSubstr("bytes too early"));
  // The last row's scale is the last number before its six bytes.
  std::string no_number = content;
  no_number.replace(content.size() - 10, 4, "\xff\xff\xff\x7f");
  EXPECT_THAT(error(no_number), HasSubstr("a scale that is no number"));
  EXPECT_THAT(error_of<base::FileError>([] { ArcNetwork::load("/nowhere/arcs.bin"); }),
              HasSubstr("/nowhere/arcs.bin"));
}

TEST(ArcNetwork, VotesStayInBoundsWhateverItsNumbersAre) {
  ArcTraining training = small_network();
  training.epochs = 1;
  ArcNetwork network = train_arcs(trees(), kRelations, training);
  for (const float value : {3e38f, -3e38f, std::numeric_limits<float>::infinity()}) {
    ArcNetwork::for_each(network,
                         [&](Matrix& matrix) { std::ranges::fill(matrix.values(), value); });
    ArcVotes votes(network, trees()[0]);
    for (std::size_t head = 0; head <= trees()[0].size(); ++head) {
      if (head == 2) continue;
      for (const std::int32_t vote : votes.of(head, 2)) {
        EXPECT_LE(vote, 0);
        EXPECT_GE(vote, -10'000);
      }
    }
  }
}

}  // namespace
}  // namespace metrics::english
