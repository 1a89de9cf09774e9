// The word lists that METEOR works with.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_set>

#include "metrics/english/synonyms.h"
#include "metrics/meteor/normalizer.h"
#include "metrics/meteor/paraphrase_table.h"

namespace metrics::meteor {

/// Read once, shared by all threads.
struct Resources {
  std::string source;  ///< which lists these are, in words to print beside a score
  Abbreviations abbreviations;
  /// Words that say little: matching them counts a third of matching others.
  std::unordered_set<std::string> function_words;
  english::Synonyms synonyms;
  std::optional<ParaphraseTable> paraphrases;
};

/// METEOR's own lists (Meteor::from_meteor says which files). FileError, FormatError.
Resources load_meteor_resources(const std::filesystem::path& folder, bool paraphrases);
/// WordNet's synonyms with this project's own function words and abbreviations.
Resources load_wordnet_resources(const std::filesystem::path& folder);

}  // namespace metrics::meteor
