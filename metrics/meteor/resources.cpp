#include "metrics/meteor/resources.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/lines.h"
#include "metrics/english/perceptron.h"  // hash_of

namespace metrics::meteor {
namespace {

// Our own lists, of the closed classes of English words, for where METEOR's are not at hand.
constexpr const char* kFunctionWords[] = {
    // Articles, demonstratives, quantifiers.
    "a", "an", "the", "this", "that", "these", "those", "some", "any", "each", "every", "no",
    // Prepositions and particles.
    "about", "above", "across", "after", "against", "along", "among", "around", "at", "before",
    "behind", "below", "beneath", "beside", "between", "by", "down", "during", "for", "from", "in",
    "inside", "into", "near", "of", "off", "on", "onto", "out", "over", "through", "to", "toward",
    "towards", "under", "until", "up", "upon", "with", "within", "without",
    // Pronouns.
    "i", "me", "my", "you", "your", "he", "him", "his", "she", "her", "it", "its", "we", "us",
    "our", "they", "them", "their", "who", "whom", "whose", "which", "what", "there",
    // Auxiliaries.
    "be", "am", "is", "are", "was", "were", "been", "being", "have", "has", "had", "do", "does",
    "did", "will", "would", "shall", "should", "can", "could", "may", "might", "must",
    // Conjunctions and the like.
    "and", "or", "but", "nor", "if", "as", "than", "because", "while", "when", "where", "so", "not",
    // What contractions leave, and punctuation.
    "'s", "'re", "'ve", "'ll", "'d", "'m", "n't", "'t", ".", ",", ";", ":", "!", "?", "\"", "'",
    "(", ")", "-"};

/// As they stand in captions, which are in lower case by now.
constexpr const char32_t* kAbbreviations[] = {U"mr",  U"mrs", U"ms",  U"dr",  U"prof", U"st",
                                              U"jr",  U"sr",  U"gen", U"lt",  U"capt", U"sgt",
                                              U"gov", U"sen", U"rep", U"rev", U"vs",   U"etc"};
constexpr const char32_t* kAbbreviationsBeforeNumbers[] = {U"no", U"nos", U"pp", U"fig", U"vol"};

/// METEOR 1.5's own files, by their FNV-1a hashes. Others make other scores, which must not bear
/// its name.
constexpr std::pair<const char*, std::uint64_t> kPublished[] = {
    {"english.synsets", 0x721e0c7c65fd91ca},
    {"english.exceptions", 0xd965c3366284facf},
    {"english.words", 0x271167f23d2c14ba},
    {"english.prefixes", 0x1effc8ff961593c0},
};

bool is_published(const std::filesystem::path& folder) {
  return std::all_of(std::begin(kPublished), std::end(kPublished), [&](const auto& file) {
    return english::hash_of(base::read_file(folder / file.first)) == file.second;
  });
}

std::unordered_set<std::string> read_words(const std::filesystem::path& path) {
  std::unordered_set<std::string> words;
  const std::string text = base::read_file(path);
  base::Lines lines(text, path.string());
  while (const auto line = lines.next()) {
    if (!line->empty()) words.emplace(*line);
  }
  if (words.empty()) throw base::FormatError(path.string() + ": holds no words");
  return words;
}

}  // namespace

Resources load_meteor_resources(const std::filesystem::path& folder, bool paraphrases) {
  const std::filesystem::path table = folder / "paraphrase-en.bin";
  Resources resources{.source = "",
                      .abbreviations = Abbreviations::load(folder / "english.prefixes"),
                      .function_words = read_words(folder / "english.words"),
                      .synonyms = english::Synonyms::from_meteor(folder),
                      .paraphrases = std::nullopt};
  if (paraphrases && std::filesystem::exists(table)) {
    resources.paraphrases = ParaphraseTable::open(table);
  }
  resources.source =
      is_published(folder) ? "METEOR 1.5 data" : "word lists that are not METEOR 1.5's";
  resources.source += resources.paraphrases ? " with paraphrases" : ", without paraphrases";
  return resources;
}

Resources load_wordnet_resources(const std::filesystem::path& folder) {
  using Rule = Abbreviations::Rule;
  Abbreviations abbreviations;
  for (const char32_t* word : kAbbreviations) abbreviations.rules[word] = Rule::kAlways;
  for (const char32_t* word : kAbbreviationsBeforeNumbers) {
    abbreviations.rules[word] = Rule::kBeforeNumber;
  }
  return {.source = "WordNet, without paraphrases",
          .abbreviations = std::move(abbreviations),
          .function_words = {std::begin(kFunctionWords), std::end(kFunctionWords)},
          .synonyms = english::Synonyms::from_wordnet(folder),
          .paraphrases = std::nullopt};
}

}  // namespace metrics::meteor
