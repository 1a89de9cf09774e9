// A small neural network that says of any two words of a sentence how likely one is the head of the
// other, and by which relation. It knows words by learnt vectors, in which words that are used
// alike come to lie near each other, and sees the neighbourhood of both; the features of the parser
// see neither. The parser adds what it says to its own scores.
//
// A word's vector is the sum of three that are looked up: for its form, its ending and its tag.
// Then come layers, each of which adds what it makes of the word and its two neighbours. Where head
// h meets dependent d:
//
//   hidden(h, d) = relu(H x_h + D x_d + distance(h, d) + between(h, d))
//   score of the arc = a . hidden,   scores of its relations = R hidden + c
//
// Sources: Collobert et al., "Natural Language Processing (Almost) from Scratch" (JMLR 2011) for
// layers over neighbours; Kiperwasser and Goldberg, "Simple and Accurate Dependency Parsing Using
// Bidirectional LSTM Feature Representations" (TACL 2016) for the scores of pairs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/english/matrix.h"
#include "metrics/english/sentence.h"

namespace metrics::english {

/// The strings that have a vector of their own. They are known by 32 bits of their hashes; row 0 of
/// a table is for all others.
class Vocabulary {
 public:
  Vocabulary() = default;
  explicit Vocabulary(std::vector<std::uint32_t> hashes);  ///< in any order, each once
  static std::uint32_t hash(std::string_view text);
  std::uint32_t row_of(std::string_view text) const;
  std::size_t rows() const { return hashes_.size() + 1; }
  const std::vector<std::uint32_t>& hashes() const { return hashes_; }

 private:
  std::vector<std::uint32_t> hashes_;  // ascending
};

/// A tagged sentence as the network sees it. Place 0 is the root's, word i stands at place i.
struct ArcInput {
  ArcInput(const Sentence& sentence, const class ArcNetwork& network);
  std::size_t places() const { return forms.size(); }
  /// Which row of ArcNetwork::distance: how far the head is from its dependent, and on which side.
  std::size_t distance(std::size_t head, std::size_t dependent) const;
  /// Which row of ArcNetwork::between: a bit for each kind of tag that stands between the two.
  std::size_t between(std::size_t head, std::size_t dependent) const;
  /// The last letters of a form, by which words without a vector of their own are known.
  static std::string_view ending_of(std::string_view form);

  std::vector<std::uint32_t> forms, endings, tags;  ///< rows; the root's are not used
 private:
  static constexpr std::size_t kKinds = 4;
  std::vector<std::uint32_t> seen_[kKinds];  // how many tags of a kind stand before a place
};

/// The numbers of the network, and its way from words to scores.
class ArcNetwork {
 public:
  struct Layer {
    Matrix weight;  ///< [3 width, width]: of the word before, the word, the word behind
    Matrix bias;    ///< [1, width]
  };
  static constexpr std::size_t kDistances = 19, kBetween = 16;

  Vocabulary forms, endings, tags;
  std::vector<std::string> relations;
  Matrix form, ending, tag;  ///< [rows of the vocabulary, width]
  Matrix root;               ///< [1, width]: what stands before the first word
  std::vector<Layer> layers;
  Matrix head, dependent;    ///< [width, hidden]
  Matrix distance, between;  ///< [kDistances, hidden], [kBetween, hidden]
  Matrix arc;                ///< [1, hidden]
  Matrix relation;           ///< [hidden, relations]
  Matrix relation_bias;      ///< [1, relations]

  /// FileError, FormatError.
  static ArcNetwork load(const std::filesystem::path& path);
  /// From what stands in a file behind its head (model_file.h). FormatError.
  static ArcNetwork read(std::string_view content);
  /// Writes a byte a number, the largest of each row 127, and a float a row. FileError.
  void save(const std::filesystem::path& path) const;
  /// The network as it comes back from a file.
  ArcNetwork rounded() const;

  std::size_t width() const { return root.columns(); }
  std::size_t hidden() const { return arc.columns(); }

  /// visit(matrix) of each, the tables of words first.
  template <class Network, class Visit>
  static void for_each(Network& network, const Visit& visit) {
    visit(network.form), visit(network.ending), visit(network.tag), visit(network.root);
    for (auto& layer : network.layers) visit(layer.weight), visit(layer.bias);
    visit(network.head), visit(network.dependent), visit(network.distance);
    visit(network.between), visit(network.arc), visit(network.relation);
    visit(network.relation_bias);
  }
};

/// What the network makes of a sentence before any two words meet. Learning keeps all of it for its
/// way back.
struct ArcWords {
  std::vector<Matrix> vectors;  ///< [places, width]: looked up, then after each layer
  std::vector<Matrix> added;    ///< [places, width]: by each layer
  Matrix heads, dependents;     ///< [places, hidden]: H x, D x
};

/// `mask(matrix)` is called with what was looked up and with what each layer adds, before they are
/// used; learning sets some of it to zero there.
template <class Mask>
ArcWords look_at_words(const ArcNetwork& network, const ArcInput& input, const Mask& mask);

/// hidden(head, dependent).
void meet(const ArcNetwork& network, const ArcInput& input, const ArcWords& words, std::size_t head,
          std::size_t dependent, std::span<float> hidden);

/// Each row with its neighbours before and behind it (zeros where there are none): [n, 3 width].
Matrix with_neighbours(const Matrix& rows);

template <class Mask>
ArcWords look_at_words(const ArcNetwork& network, const ArcInput& input, const Mask& mask) {
  const std::size_t places = input.places(), width = network.width();
  ArcWords words;
  Matrix first(places, width);
  add(network.root[0], first[0]);
  for (std::size_t place = 1; place < places; ++place) {
    add(network.form[input.forms[place]], first[place]);
    add(network.ending[input.endings[place]], first[place]);
    add(network.tag[input.tags[place]], first[place]);
  }
  mask(first);
  words.vectors.push_back(std::move(first));
  for (const ArcNetwork::Layer& layer : network.layers) {
    Matrix added(places, width);
    for (std::size_t place = 0; place < places; ++place) add(layer.bias[0], added[place]);
    add_product(with_neighbours(words.vectors.back()), layer.weight, added);
    for (float& value : added.values()) value = value > 0 ? value : 0;
    mask(added);
    Matrix next = words.vectors.back();
    add(added.values(), next.values());
    words.vectors.push_back(std::move(next));
    words.added.push_back(std::move(added));
  }
  words.heads = Matrix(places, network.hidden());
  words.dependents = Matrix(places, network.hidden());
  add_product(words.vectors.back(), network.head, words.heads);
  add_product(words.vectors.back(), network.dependent, words.dependents);
  return words;
}

/// What a network says of a sentence, as scores for a parser.
class ArcVotes {
 public:
  /// A factor of e in likelihood is worth so much in the units of the parser's scores. 15 to 35 are
  /// about equally good on the development set.
  static constexpr float kUnitsPerNat = 25;

  /// The network must live as long as its votes. Time and memory are quadratic in the words.
  ArcVotes(const ArcNetwork& network, const Sentence& sentence);

  /// For each relation of the network: how much less likely than the best head of `dependent`, by
  /// its best relation, this one is. 0 is the best there is. Places as ArcInput's; head 0: the
  /// root.
  std::span<const std::int32_t> of(std::size_t head, std::size_t dependent);

 private:
  const ArcNetwork* network_;
  ArcInput input_;
  ArcWords words_;
  Matrix arcs_;       // [dependents, heads]: the score, less the best head's
  Matrix relations_;  // [relations, hidden]: the network's, transposed
  std::vector<std::vector<std::int32_t>> votes_;  // [dependents, heads]; empty: not asked for yet
  std::vector<float> hidden_;
};

}  // namespace metrics::english
