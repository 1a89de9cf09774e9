#include "metrics/english/tagger_features.h"

#include <algorithm>

namespace metrics::english {
namespace {

/// Numbers of templates, so that equal values in different templates are different features.
constexpr std::uint64_t kInSentence = 0, kAlone = 1000;

constexpr std::size_t kMargin = 2;  // empty words before the first and behind the last

/// What kind of character, so that runs of a kind make one letter of a word's shape.
char kind_of(char c) {
  if (c >= 'a' && c <= 'z') return 'x';
  if (c >= 'A' && c <= 'Z') return 'X';
  if (c >= '0' && c <= '9') return '0';
  return static_cast<unsigned char>(c) >= 0x80 ? 'u' : c;
}

std::string shape_of(const std::string& word) {
  std::string shape;
  for (const char c : word) {
    const char kind = kind_of(c);
    // Two of a kind are told from one ("A" from "AP"), not from three.
    const std::size_t size = shape.size();
    if (size < 2 || shape[size - 1] != kind || shape[size - 2] != kind) shape += kind;
  }
  return shape;
}

bool has_capital(const std::string& word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

TaggerInput::TaggerInput(std::span<const std::string> words) : size_(words.size()) {
  // Small letters tell that a word is no name, but only where there are capitals at all.
  const bool cased = std::any_of(words.begin(), words.end(), has_capital);
  const WordHashes none = hashes_of("", cased);
  words_.assign(kMargin, none);
  for (const std::string& word : words) words_.push_back(hashes_of(word, cased));
  words_.insert(words_.end(), kMargin, none);
}

TaggerInput::WordHashes TaggerInput::hashes_of(const std::string& word, bool cased) {
  const std::string lower = normalized(word);
  const std::string_view view = lower;
  WordHashes hashes{hash_of(word), hash_of(lower), mix(hash_of(shape_of(word)), cased), {}, {}};
  for (std::size_t n = 0; n < std::size(hashes.prefixes); ++n) {
    hashes.prefixes[n] = hash_of(view.substr(0, n + 1));
  }
  for (std::size_t n = 0; n < std::size(hashes.suffixes); ++n) {
    hashes.suffixes[n] = hash_of(view.substr(view.size() - std::min(n + 1, view.size())));
  }
  return hashes;
}

void TaggerInput::add_word(const WordHashes& word, FeatureRows& add) {
  add();
  add(word.form);
  add(word.lower);
  add(word.shape);
  for (const std::uint64_t prefix : word.prefixes) add(prefix);
  for (const std::uint64_t suffix : word.suffixes) add(suffix);
}

void TaggerInput::features_alone(std::size_t at, std::uint64_t rows,
                                 std::vector<Row>& features) const {
  const WordHashes* const word = &words_[at + kMargin];
  FeatureRows add(kAlone, rows, features);
  add_word(*word, add);
  add(word->shape, word->suffixes[2]);
  add(word[-1].shape, word->shape);
}

void TaggerInput::features(std::size_t at, int previous, int before_previous,
                           std::span<const int> guesses, std::uint64_t rows,
                           std::vector<Row>& features) const {
  const WordHashes* const word = &words_[at + kMargin];
  const auto number = [](int tag) { return static_cast<std::uint64_t>(tag + 1); };
  const auto guess = [&](std::size_t place) {
    return number(place < guesses.size() ? guesses[place] : -1);
  };
  const std::uint64_t t1 = number(previous), t2 = number(before_previous);
  const std::uint64_t g0 = guess(at), g1 = guess(at + 1), g2 = guess(at + 2);
  FeatureRows add(kInSentence, rows, features);
  add_word(*word, add);
  add(t1);
  add(t1, t2);
  add(t1, word->lower);
  add(t1, t2, word->lower);
  add(t1, word->suffixes[2]);
  add(t1, word->suffixes[1]);
  add(t1, word[1].lower);
  add(t1, word[1].suffixes[2]);
  add(word[-1].lower);
  add(word[-2].lower);
  add(word[1].lower);
  add(word[2].lower);
  add(word[-1].lower, word->lower);
  add(word->lower, word[1].lower);
  add(word[1].lower, word[2].lower);
  add(word[-1].lower, word[1].lower);
  add(word[-1].suffixes[2]);
  add(word[1].suffixes[2]);
  add(word[1].suffixes[1]);
  add(word[1].shape);
  add(word[-1].shape, word->shape);
  add(word->shape, word->suffixes[2]);
  add(word->shape, word[1].shape);
  add(g1);
  add(g2);
  add(g1, g2);
  add(t1, g1);
  add(t1, t2, g1);
  add(t1, g1, g2);
  add(g0, t1);
  add(g0, g1);
  add(g0, g1, t1);
  add(word->lower, g1);
  add(word->lower, g1, t1);
  add(word->suffixes[2], g1);
  add(word->shape, g1);
}

}  // namespace metrics::english
