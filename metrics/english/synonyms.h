// Which words mean the same: WordNet 3.0's synonym sets, as METEOR 1.5 looks them up.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace metrics::english {

class SynonymTables;

/// Identifies a set of synonyms within one source.
using Synset = std::uint32_t;

/// Cheap to copy; looking up changes nothing, so that many threads can share one.
class Synonyms {
 public:
  /// METEOR's own tables, `english.synsets` and `english.exceptions` of a folder: what its
  /// published scores rest on. They name a synset by its place in one of WordNet's files and do not
  /// say in which, so that 282 pairs of synsets have become one. FileError, FormatError.
  static Synonyms from_meteor(const std::filesystem::path& folder);
  /// The database of WordNet itself (index.noun, noun.exc and their like of a folder; Debian's
  /// wordnet-base puts them in /usr/share/wordnet). The same words and base forms, but here synsets
  /// of different parts of speech stay apart. FileError, FormatError.
  static Synonyms from_wordnet(const std::filesystem::path& folder);

  /// Every synset that the word or phrase (lower case, underscores for spaces) belongs to, itself
  /// or through its base form; sorted, each once; empty for an unknown word. Valid as long as this
  /// object or a copy of it lives.
  /// Source: SynonymDictionary.getSynSets united with getStemSynSets of METEOR 1.5.
  std::span<const Synset> synsets(std::string_view word) const;

 private:
  explicit Synonyms(std::shared_ptr<const SynonymTables> tables) : tables_(std::move(tables)) {}
  std::shared_ptr<const SynonymTables> tables_;
};

/// Whether two sorted lists have a synset in common: words of which that is so are synonyms.
bool share_synset(std::span<const Synset> a, std::span<const Synset> b);

}  // namespace metrics::english
