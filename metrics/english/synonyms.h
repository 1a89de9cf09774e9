// Which words mean the same: WordNet 3.0's synonym sets, as METEOR 1.5 looks them up.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace metrics::english {

/// Identifies a set of synonyms.
using Synset = std::uint32_t;

/// Cheap to copy; looking up changes nothing, so that many threads can share one.
class Synonyms {
 public:
  /// METEOR's own tables, `english.synsets` and `english.exceptions` of a folder: what its
  /// published scores rest on. FileError, FormatError.
  static Synonyms from_meteor(const std::filesystem::path& folder);
  /// The database of WordNet itself (index.noun, data.noun, noun.exc, ... of a folder; Debian's
  /// wordnet-base puts them in /usr/share/wordnet). METEOR's tables drop the part of speech and
  /// were made from another print of the database, so a few scores differ.
  static Synonyms from_wordnet(const std::filesystem::path& folder);

  /// Every synset that the word or phrase (lower case, underscores for spaces) belongs to, itself
  /// or through its base form; sorted, each once; empty for an unknown word.
  /// SynonymDictionary.getSynSets united with getStemSynSets of METEOR 1.5.
  std::vector<Synset> synsets(std::string_view word) const;
  /// Whether two words share a synset.
  bool similar(std::string_view a, std::string_view b) const;

 private:
  struct Tables;
  explicit Synonyms(std::shared_ptr<const Tables> tables) : tables_(std::move(tables)) {}
  std::shared_ptr<const Tables> tables_;
};

}  // namespace metrics::english
