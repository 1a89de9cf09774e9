#include "metrics/cider.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "metrics/document_frequencies.h"
#include "metrics/ngrams.h"

namespace metrics {
namespace {

using PerLength = std::array<double, kLongestNgram>;  // by n - 1

/// A caption as four vectors, one for each n, with an axis for every n-gram.
struct Vectors {
  struct Entry {
    NgramId ngram;
    int n;
    double weight;  // how often it stands here times its inverse document frequency
  };
  std::vector<Entry> entries;  // the n-grams that the caption has, by number
  PerLength norm{};
  double bigrams = 0;  // how many: CIDEr-D measures length so
};

/// Of a number of pictures; what none has counts as if one had it.
double log_of(std::int64_t pictures) {
  return std::log(static_cast<double>(std::max<std::int64_t>(1, pictures)));
}

/// The n-grams of one sample, numbered by themselves, because a caption may have some that no
/// reference of the table has.
class Captions {
 public:
  std::vector<NgramCount> count(std::string_view caption) {
    return count_ngrams(add_words(caption, words_), ngrams_);
  }

  /// By n-gram: log (pictures / pictures that have it).
  std::vector<double> inverse_frequencies(const DocumentFrequencyTable& table) const {
    const std::vector<std::string_view> words = words_.by_id();
    std::vector<WordId> word_in_table;
    for (const std::string_view word : words) word_in_table.push_back(table.words.find(word));

    const double everything = log_of(table.pictures);
    std::vector<NgramId> in_table(ngrams_.size(), kUnknown);
    std::vector<double> weights(ngrams_.size());
    in_table[kNoWords] = kNoWords;
    for (NgramId ngram = 1; ngram < ngrams_.size(); ++ngram) {
      const auto [prefix, last] = ngrams_.node(ngram);
      const NgramId before = in_table[prefix];
      const WordId word = word_in_table[last];
      if (before != kUnknown && word != kUnknown) {
        in_table[ngram] = table.ngrams.find(before, word);
      }
      const std::int64_t count = in_table[ngram] == kUnknown ? 0 : table.counts[in_table[ngram]];
      weights[ngram] = everything - log_of(count);
    }
    return weights;
  }

 private:
  Words words_;
  Ngrams ngrams_;
};

Vectors weigh(const std::vector<NgramCount>& counts, const std::vector<double>& inverse_frequency) {
  Vectors vectors;
  for (const NgramCount& ngram : counts) {
    const auto axis = static_cast<std::size_t>(ngram.n - 1);
    const double weight = ngram.count * inverse_frequency[ngram.ngram];
    vectors.entries.push_back({ngram.ngram, ngram.n, weight});
    vectors.norm[axis] += weight * weight;
    if (ngram.n == 2) vectors.bigrams += ngram.count;
  }
  for (double& norm : vectors.norm) norm = std::sqrt(norm);
  return vectors;
}

/// For each n the dot product of the two, each n-gram's part clipped or not.
PerLength dot(const Vectors& hypothesis, const Vectors& reference, bool clip) {
  PerLength products{};
  auto other = reference.entries.begin();
  for (const Vectors::Entry& entry : hypothesis.entries) {
    while (other != reference.entries.end() && other->ngram < entry.ngram) ++other;
    if (other == reference.entries.end()) break;
    if (other->ngram != entry.ngram) continue;
    const double weight = clip ? std::min(entry.weight, other->weight) : entry.weight;
    products[static_cast<std::size_t>(entry.n - 1)] += weight * other->weight;
  }
  return products;
}

/// The mean over n of the cosines.
double similarity(const Vectors& hypothesis, const Vectors& reference, CiderVariant variant) {
  const bool d = variant == CiderVariant::kD;
  const PerLength products = dot(hypothesis, reference, d);
  double sum = 0;
  for (std::size_t n = 0; n < products.size(); ++n) {
    const double norms = hypothesis.norm[n] * reference.norm[n];
    if (norms != 0) sum += products[n] / norms;
  }
  if (d) {
    constexpr double kSigma = 6;
    const double difference = hypothesis.bigrams - reference.bigrams;
    sum *= std::exp(-difference * difference / (2 * kSigma * kSigma));
  }
  return sum / kLongestNgram;
}

}  // namespace

Cider::Cider(DocumentFrequencies frequencies, CiderVariant variant)
    : frequencies_(std::move(frequencies)), variant_(variant) {}

double Cider::score(const Sample& sample) const {
  require_references(sample, "cider");
  Captions captions;
  const std::vector<NgramCount> hypothesis_counts = captions.count(sample.hypothesis);
  std::vector<std::vector<NgramCount>> reference_counts;
  for (const std::string& text : sample.references)
    reference_counts.push_back(captions.count(text));

  const std::vector<double> weights = captions.inverse_frequencies(*frequencies_.table_);
  const Vectors hypothesis = weigh(hypothesis_counts, weights);
  double sum = 0;
  for (const std::vector<NgramCount>& counts : reference_counts) {
    sum += similarity(hypothesis, weigh(counts, weights), variant_);
  }
  return 10 * sum / static_cast<double>(sample.references.size());
}

Scores Cider::score(std::span<const Sample> samples) const {
  return mean_scores(samples, [this](const Sample& sample) { return score(sample); });
}

}  // namespace metrics
