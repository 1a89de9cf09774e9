#include "metrics/attributes.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "metrics/english/ptb_tokenizer.h"
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

double share(std::ptrdiff_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// An attribute of several words stands in the caption if it ends in a noun or adjective.
double corrected_als(const Sentence& caption, std::span<const std::string> attributes,
                     const PhraseIndex& index) {
  std::set<PhraseIndex::Phrase> wanted, found;
  for (const std::string& attribute : attributes) {
    if (attribute != kPadding) wanted.insert(index.number(attribute).value());
  }
  if (wanted.empty()) return 0;
  for (const auto& [phrase, begin] : index.find(caption)) {
    const bool named = is_noun_or_adjective(caption[begin + index.length(phrase) - 1]);
    if (named && wanted.contains(phrase)) found.insert(phrase);
  }
  return share(static_cast<std::ptrdiff_t>(found.size()), wanted.size());
}

PhraseIndex index_of(std::span<const std::string> attributes) {
  PhraseIndex index;
  for (const std::string& attribute : attributes) index.add(attribute);
  return index;
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

PhraseIndex index_of(std::span<const CategoryWord> categories) {
  PhraseIndex index;
  for (const CategoryWord& entry : categories) index.add(entry.phrase);
  return index;
}

/// By phrase: its category, that of its first entry.
std::vector<std::string> categories_by_phrase(std::span<const CategoryWord> categories,
                                              const PhraseIndex& index) {
  std::vector<std::string> names;
  for (const CategoryWord& entry : categories) {
    if (index.number(entry.phrase) == names.size()) names.push_back(entry.category);
  }
  return names;
}

/// The longest phrase, then the one that stands first, then the first entry.
std::string corrected_category(const Sentence& caption, std::span<const std::string> categories,
                               const PhraseIndex& index) {
  std::optional<PhraseIndex::Found> best;
  for (const PhraseIndex::Found& found : index.find(caption)) {  // from left to right
    const auto longer = [&] { return index.length(found.phrase) > index.length(best->phrase); };
    const auto earlier_entry = [&] {
      return index.length(found.phrase) == index.length(best->phrase) &&
             found.begin == best->begin && found.phrase < best->phrase;
    };
    if (!best || longer() || earlier_entry()) best = found;
  }
  return best ? categories[best->phrase] : "";
}

std::string literal_category(const Sentence& caption, std::span<const CategoryWord> categories) {
  std::string text = " ";
  for (const Word& word : caption) text += word.form + " ";
  for (const CategoryWord& entry : categories) {
    for (std::size_t at = text.find(entry.phrase, 1); at != text.npos;
         at = text.find(entry.phrase, at + 1)) {
      const std::size_t end = at + entry.phrase.size();
      if (text[at - 1] == ' ' && end < text.size() && text[end] == ' ') return entry.category;
    }
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
                                         : corrected_als(caption, attributes, index_of(attributes));
}

std::string category(const Sentence& caption, std::span<const CategoryWord> categories,
                     AttributeRule rule) {
  if (rule == AttributeRule::kLiteral) return literal_category(caption, categories);
  const PhraseIndex index = index_of(categories);
  return corrected_category(caption, categories_by_phrase(categories, index), index);
}

AttributeScorer::AttributeScorer(english::Tagger tagger, std::vector<CategoryWord> categories,
                                 AttributeRule rule, std::span<const std::string> attributes)
    : tagger_(std::move(tagger)),
      categories_(std::move(categories)),
      rule_(rule),
      category_index_(index_of(categories_)),
      category_names_(categories_by_phrase(categories_, category_index_)),
      attribute_index_(index_of(attributes)) {}

Sentence AttributeScorer::tagged(std::string_view caption) const {
  const std::vector<std::string> words = rule_ == AttributeRule::kLiteral
                                             ? strings(split(caption))
                                             : rejoin_hyphens(english::ptb_tokenize(caption));
  Sentence sentence(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) sentence[i].form = words[i];
  tagger_.tag(sentence);
  return sentence;
}

double AttributeScorer::als(const Sentence& caption,
                            std::span<const std::string> attributes) const {
  const bool known = std::all_of(attributes.begin(), attributes.end(), [&](const auto& attribute) {
    return attribute == kPadding || attribute_index_.number(attribute);
  });
  if (rule_ == AttributeRule::kLiteral || !known) return metrics::als(caption, attributes, rule_);
  return corrected_als(caption, attributes, attribute_index_);
}

std::string AttributeScorer::category(const Sentence& caption) const {
  return rule_ == AttributeRule::kLiteral
             ? literal_category(caption, categories_)
             : corrected_category(caption, category_names_, category_index_);
}

AttributeScores AttributeScorer::score(std::string_view caption,
                                       std::span<const std::string> attributes,
                                       std::string_view wanted) const {
  const Sentence sentence = tagged(caption);
  const std::string named = category(sentence);
  return {.als = als(sentence, attributes), .sls = !named.empty() && named == wanted ? 1.0 : 0.0};
}

double AttributeScorer::als(std::string_view caption,
                            std::span<const std::string> attributes) const {
  return als(tagged(caption), attributes);
}

double AttributeScorer::sls(std::string_view caption, std::string_view wanted) const {
  return score(caption, {}, wanted).sls;
}

std::string AttributeScorer::category(std::string_view caption) const {
  return category(tagged(caption));
}

}  // namespace metrics
