// Linear models over hashed features: what the tagger and the parser decide with, and how they
// learn. A feature is a 64-bit hash; it is nowhere stored. It says where in one long table its row
// begins: a weight for each class. Rows overlap where chance has it, which costs little accuracy
// and makes a model one block of bytes, mapped and used as it lies in the file. Sources: Collins,
// "Discriminative Training Methods for Hidden Markov Models" (EMNLP 2002) for the averaged
// perceptron; Bohnet, "Very High Accuracy and Fast Dependency Parsing is not a Contradiction"
// (COLING 2010) for the hash kernel.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/random.h"

namespace metrics::english {

/// Where a feature's row begins. 32 bits of a hash scaled to the table's size.
using Row = std::uint32_t;

/// The hash of a string: FNV-1a, 64 bits.
constexpr std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// A word as the features see it: capitals of ASCII in lower case, digits as '0'.
std::string normalized(std::string_view word);

/// Adds a value to a hash of several.
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 32);
}

/// Scores are computed for blocks of classes, which compilers turn into vector instructions; the
/// weights and scores of classes beyond the last mean nothing.
constexpr int kBlock = 16;
constexpr int padded(int classes) {
  return (classes + kBlock - 1) / kBlock * kBlock;
}

/// The row of a feature in a table for `rows` different places.
constexpr Row row_of(std::uint64_t feature, std::uint64_t rows) {
  return static_cast<Row>(((feature >> 32) * rows) >> 32);
}

/// Fills a list with the rows of features, each made of some values by the next of a series of
/// templates, which are numbered so that equal values in different templates differ.
class FeatureRows {
 public:
  FeatureRows(std::uint64_t first_template, std::uint64_t rows, std::vector<Row>& list)
      : template_(first_template), rows_(rows), list_(list) {
    list_.clear();
  }
  template <class... Values>
  void operator()(Values... values) {
    std::uint64_t feature = mix(0, ++template_);
    ((feature = mix(feature, values)), ...);
    list_.push_back(row_of(feature, rows_));
  }

 private:
  std::uint64_t template_, rows_;
  std::vector<Row>& list_;
};

/// scores[c] = the sum over rows of the weight of class c, for c < scores.size(), which is
/// padded().
/// Bytes are added in 16 bits, which has room for 255 rows.
template <class Weight>
void add_up(std::span<const Row> rows, const Weight* weights, std::span<std::int32_t> scores) {
  using Sum = std::conditional_t<sizeof(Weight) == 1, std::int16_t, std::int32_t>;
  for (std::size_t block = 0; block < scores.size(); block += kBlock) {
    Sum sums[kBlock] = {};
    for (const Row row : rows) {
      const Weight* at = weights + row + block;
      for (int i = 0; i < kBlock; ++i) sums[i] = static_cast<Sum>(sums[i] + at[i]);
    }
    for (int i = 0; i < kBlock; ++i) scores[block + i] = sums[i];
  }
}

/// The class with the highest score; the first of equals.
inline int best_class(std::span<const std::int32_t> scores, std::size_t classes) {
  const auto end = scores.begin() + static_cast<std::ptrdiff_t>(classes);
  return static_cast<int>(std::max_element(scores.begin(), end) - scores.begin());
}

/// A perceptron that learns. Weights are whole numbers, so that the same examples in the same order
/// give the same bits everywhere.
class AveragedPerceptron {
 public:
  /// `rows`: of the table; the more, the fewer features share weights.
  AveragedPerceptron(int classes, std::size_t rows);

  int classes() const { return classes_; }
  std::size_t rows() const { return rows_; }
  const std::int32_t* weights() const { return weights_.data(); }

  /// Raises (amount > 0) or lowers a class where these features are.
  void update(std::span<const Row> features, int changed, std::int32_t amount);
  /// To be called after each example: the average is over examples.
  void count_example() { ++examples_; }

  /// Adds the averages of the weights over all examples to sums, made as long as need be.
  void add_average(std::vector<double>& sums) const;

 private:
  int classes_;
  std::size_t rows_;
  std::vector<std::int32_t> weights_;
  std::vector<std::int64_t> lag_;  // the weight times examples_ minus its sum over the examples
  std::int64_t examples_ = 0;
};

/// Weights in bytes, scaled so that the largest is 127.
std::vector<std::int8_t> quantized(const std::vector<double>& weights);

/// Puts examples into a random order (Fisher and Yates).
inline void shuffle(std::span<std::uint32_t> order, base::Random& random) {
  for (std::size_t left = order.size(); left > 1; --left) {
    std::swap(order[left - 1], order[random.below(static_cast<std::uint32_t>(left))]);
  }
}

}  // namespace metrics::english
