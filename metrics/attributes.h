// Attribute-level and sentence-level semantics (ALS, SLS): whether a fashion caption names the
// garment's attributes and its category. Source: Yang et al., "Fashion Captioning: Towards
// Generating Accurate Descriptions with Semantic Rewards" (ECCV 2020); two readings of it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/english/sentence.h"
#include "metrics/english/tagger.h"
#include "metrics/phrase_index.h"

namespace metrics {

/// The words of a text with those rejoined that stand on either side of a lone hyphen:
/// "a t - shirt" -> "a", "t-shirt".
std::vector<std::string> rejoin_hyphens(std::span<const std::string> words);

enum class AttributeRule {
  /// What the definitions mean: hyphenated words that a BERT tokenizer took apart ("t - shirt") are
  /// rejoined, lemmas in lower case are compared, an attribute counts once, and the longest
  /// category phrase of the caption is its category (of equally long ones the first).
  kCorrected,
  /// What a published fine-tuning study computed: nouns and adjectives compared as written, every
  /// repetition of an attribute counted in the denominator, and the first entry of the word map
  /// that stands in the caption between spaces is its category. To compare with its figures only.
  kLiteral,
};

/// A word or phrase that names a category, in the order of the word map's file.
struct CategoryWord {
  std::string phrase, category;
};

/// ALS and the category of a caption whose words are tagged already and, by the corrected rule,
/// rejoined; lemmas are not read.
double als(const english::Sentence& caption, std::span<const std::string> attributes,
           AttributeRule rule);
std::string category(const english::Sentence& caption, std::span<const CategoryWord> categories,
                     AttributeRule rule);

struct AttributeScores {
  double als, sls;
};

/// Takes captions as they were written or decoded: the tokens of tokens.h lack the hyphens. Many
/// threads can share one.
class AttributeScorer {
 public:
  /// Phrases are looked up once, here: the categories', and those of `attributes`, which should be
  /// all that captions are to be scored for (others cost a look-up a caption).
  AttributeScorer(english::Tagger tagger, std::vector<CategoryWord> categories, AttributeRule rule,
                  std::span<const std::string> attributes = {});

  /// Both scores, for one reading of the caption.
  AttributeScores score(std::string_view caption, std::span<const std::string> attributes,
                        std::string_view category) const;
  /// ALS: the share of the reference attributes that are among the caption's nouns and adjectives;
  /// 0 if there are no reference attributes. `attributes` may hold the padding "nah": it is
  /// dropped.
  double als(std::string_view caption, std::span<const std::string> attributes) const;
  /// SLS: 1 if the category that the caption names is the reference's, else 0.
  double sls(std::string_view caption, std::string_view category) const;
  /// The category that the caption names; empty if none.
  std::string category(std::string_view caption) const;

 private:
  english::Sentence tagged(std::string_view caption) const;
  double als(const english::Sentence& caption, std::span<const std::string> attributes) const;
  std::string category(const english::Sentence& caption) const;

  english::Tagger tagger_;
  std::vector<CategoryWord> categories_;
  AttributeRule rule_;
  PhraseIndex category_index_;
  std::vector<std::string> category_names_;  ///< by phrase of the index
  PhraseIndex attribute_index_;
};

}  // namespace metrics
