#include "metrics/diversity.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "metrics/ngrams.h"
#include "metrics/sample.h"

namespace metrics {
namespace {

/// The share of the n-grams of one length that the caption has had before; 0 of none.
double repeated(std::span<const NgramCount> counts, int n) {
  std::int64_t all = 0, different = 0;
  for (const NgramCount& ngram : counts) {
    if (ngram.n != n) continue;
    all += ngram.count;
    ++different;
  }
  return all == 0 ? 0 : static_cast<double>(all - different) / static_cast<double>(all);
}

}  // namespace

Diversity diversity(std::span<const std::string> captions) {
  Diversity result;
  if (captions.empty()) return result;
  Words words;
  Ngrams ngrams;
  std::array<std::int64_t, 4> all{}, different{};
  std::vector<double> repetition;
  std::unordered_set<std::string_view> distinct_captions;
  result.shortest = INT64_MAX;
  for (const std::string& caption : captions) {
    const std::size_t before = ngrams.size();
    const std::vector<WordId> ids = add_words(caption, words);
    const auto length = static_cast<std::int64_t>(ids.size());
    result.words += length;
    result.shortest = std::min(result.shortest, length);
    result.longest = std::max(result.longest, length);
    distinct_captions.insert(caption);

    const std::vector<NgramCount> counts = count_ngrams(ids, ngrams);
    for (const NgramCount& ngram : counts) {
      const auto n = static_cast<std::size_t>(ngram.n - 1);
      all[n] += ngram.count;
      if (ngram.ngram >= before) ++different[n];
    }
    repetition.push_back(repeated(counts, length < kLongestNgram ? 1 : kLongestNgram));
  }
  result.captions = static_cast<std::int64_t>(captions.size());
  result.vocabulary = static_cast<std::int64_t>(words.size());
  result.mean_length = static_cast<double>(result.words) / static_cast<double>(captions.size());
  result.distinct_captions = static_cast<std::int64_t>(distinct_captions.size());
  for (std::size_t n = 0; n < 4; ++n) {
    if (all[n] > 0) {
      result.distinct[n] = static_cast<double>(different[n]) / static_cast<double>(all[n]);
    }
  }
  result.self_repetition = mean(repetition);
  return result;
}

}  // namespace metrics
