#include "metrics/attributes.h"

#include <algorithm>
#include <set>
#include <utility>

#include "metrics/english/morphology.h"
#include "metrics/english/ptb_tokenizer.h"
#include "metrics/english/unicode.h"
#include "metrics/tokens.h"

namespace metrics {
namespace {

using english::Sentence;
using english::Word;

constexpr std::string_view kPadding = "nah";  // fills up the attribute lists of FACAD

/// Proper nouns (NNP, NNPS) are not meant.
bool is_noun_or_adjective(const Word& word) {
  return word.tag == "NN" || word.tag == "NNS" || word.tag.starts_with("JJ");
}

std::vector<std::string> strings(const std::vector<std::string_view>& words) {
  return {words.begin(), words.end()};
}

/// The words of an attribute or of a category phrase, to be compared with a caption's.
std::vector<std::string> phrase_words(std::string_view phrase) {
  return rejoin_hyphens(strings(split(english::lower(phrase))));
}

/// Whether a caption's word is this one, in any inflection. The other word's tag is not known: it
/// is taken to be the caption word's, so that a "short" dress is no pair of "shorts". Nouns are
/// compared as if plural, because a singular is its own lemma either way.
bool same_word(const Word& word, const std::string& other) {
  const std::string form = english::lower(word.form);
  const std::string tag = word.tag == "NN" ? "NNS" : word.tag;
  return form == other || english::lemma(form, tag) == english::lemma(other, tag);
}

/// Where a phrase first stands in a caption; -1 if nowhere.
std::ptrdiff_t find_phrase(const Sentence& caption, const std::vector<std::string>& phrase) {
  if (phrase.empty()) return -1;
  const auto found =
      std::search(caption.begin(), caption.end(), phrase.begin(), phrase.end(), same_word);
  return found == caption.end() ? -1 : found - caption.begin();
}

/// An attribute of several words stands in the caption if it ends in a noun or adjective.
bool has_attribute(const Sentence& caption, const std::vector<std::string>& attribute) {
  if (attribute.empty()) return false;
  for (auto begin = caption.begin();; ++begin) {
    begin = std::search(begin, caption.end(), attribute.begin(), attribute.end(), same_word);
    if (begin == caption.end()) return false;
    if (is_noun_or_adjective(begin[static_cast<std::ptrdiff_t>(attribute.size()) - 1])) return true;
  }
}

double share(std::ptrdiff_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double corrected_als(const Sentence& caption, std::span<const std::string> attributes) {
  std::set<std::vector<std::string>> wanted;
  for (const std::string& attribute : attributes) {
    if (attribute != kPadding) wanted.insert(phrase_words(attribute));
  }
  const auto found = std::count_if(wanted.begin(), wanted.end(), [&](const auto& attribute) {
    return has_attribute(caption, attribute);
  });
  return share(found, wanted.size());
}

double literal_als(const Sentence& caption, std::span<const std::string> attributes) {
  std::set<std::string_view> said, found;
  for (const Word& word : caption) {
    if (is_noun_or_adjective(word)) said.insert(word.form);
  }
  std::size_t wanted = 0;
  for (const std::string& attribute : attributes) {
    if (attribute == kPadding) continue;
    ++wanted;
    if (said.contains(attribute)) found.insert(attribute);
  }
  return share(static_cast<std::ptrdiff_t>(found.size()), wanted);
}

std::string corrected_category(const Sentence& caption, std::span<const CategoryWord> categories) {
  const CategoryWord* best = nullptr;
  std::size_t best_length = 0;
  std::ptrdiff_t best_place = 0;
  for (const CategoryWord& entry : categories) {
    const std::vector<std::string> phrase = phrase_words(entry.phrase);
    const std::ptrdiff_t place = find_phrase(caption, phrase);
    if (place < 0) continue;
    if (phrase.size() > best_length || (phrase.size() == best_length && place < best_place)) {
      best = &entry;
      best_length = phrase.size();
      best_place = place;
    }
  }
  return best ? best->category : "";
}

std::string literal_category(const Sentence& caption, std::span<const CategoryWord> categories) {
  std::string text = " ";
  for (const Word& word : caption) text += word.form + " ";
  for (const CategoryWord& entry : categories) {
    if (text.find(" " + entry.phrase + " ") != text.npos) return entry.category;
  }
  return "";
}

/// Whether a hyphen beside this character joins words; bytes of UTF-8 count as letters.
bool joins(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::vector<std::string> rejoin_hyphens(std::span<const std::string> words) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool between = i + 1 < words.size() && !out.empty() && !words[i + 1].empty() &&
                         joins(out.back().back()) && joins(words[i + 1].front());
    if (words[i] == "-" && between) {
      out.back() += "-" + words[++i];
    } else if (!words[i].empty()) {
      out.push_back(words[i]);
    }
  }
  return out;
}

double als(const Sentence& caption, std::span<const std::string> attributes, AttributeRule rule) {
  return rule == AttributeRule::kLiteral ? literal_als(caption, attributes)
                                         : corrected_als(caption, attributes);
}

std::string category(const Sentence& caption, std::span<const CategoryWord> categories,
                     AttributeRule rule) {
  return rule == AttributeRule::kLiteral ? literal_category(caption, categories)
                                         : corrected_category(caption, categories);
}

AttributeScorer::AttributeScorer(english::Tagger tagger, std::vector<CategoryWord> categories,
                                 AttributeRule rule)
    : tagger_(std::move(tagger)), categories_(std::move(categories)), rule_(rule) {}

Sentence AttributeScorer::tagged(std::string_view caption) const {
  const std::vector<std::string> words = rule_ == AttributeRule::kLiteral
                                             ? strings(split(caption))
                                             : rejoin_hyphens(english::ptb_tokenize(caption));
  Sentence sentence(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) sentence[i].form = words[i];
  tagger_.tag(sentence);
  return sentence;
}

double AttributeScorer::als(std::string_view caption,
                            std::span<const std::string> attributes) const {
  return metrics::als(tagged(caption), attributes, rule_);
}

double AttributeScorer::sls(std::string_view caption, std::string_view wanted) const {
  const std::string named = category(caption);
  return !named.empty() && named == wanted ? 1 : 0;
}

std::string AttributeScorer::category(std::string_view caption) const {
  return metrics::category(tagged(caption), categories_, rule_);
}

}  // namespace metrics
