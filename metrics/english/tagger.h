// A part-of-speech tagger: an averaged perceptron guesses the tag of each word from the word alone,
// then goes through the sentence from left to right, with the tags of the words behind it and the
// guesses for those before it. Source: Collins, "Discriminative Training Methods for Hidden Markov
// Models" (EMNLP 2002).
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/english/sentence.h"

namespace metrics::english {

class LinearModel;

/// Cheap to copy; tagging changes nothing, so that many threads can share one.
class Tagger {
 public:
  /// Reads `tagger.bin` of a folder. FileError, FormatError.
  static Tagger load(const std::filesystem::path& folder);
  /// A model whose classes are tags (tagger_training.h).
  explicit Tagger(LinearModel model);
  /// Writes `tagger.bin` into a folder. FileError.
  void save(const std::filesystem::path& folder) const;

  /// The Penn Treebank tag of each word. The views live as long as the tagger.
  std::vector<std::string_view> tag(std::span<const std::string> words) const;
  /// Fills in `tag` of every word.
  void tag(Sentence& sentence) const;

 private:
  std::shared_ptr<const LinearModel> model_;
};

}  // namespace metrics::english
