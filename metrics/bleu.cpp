#include "metrics/bleu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/parallel.h"
#include "metrics/ngrams.h"

namespace metrics {
namespace {

constexpr std::int64_t kSamplesPerChunk = 64;

using Counts = std::vector<NgramCount>;

/// The counts as a row that can be added to others (sample.h).
std::vector<double> row(const BleuStatistics& statistics) {
  std::vector<double> row(statistics.correct.begin(), statistics.correct.end());
  row.insert(row.end(), statistics.total.begin(), statistics.total.end());
  row.push_back(static_cast<double>(statistics.hypothesis_length));
  row.push_back(static_cast<double>(statistics.reference_length));
  return row;
}

BleuStatistics of_row(std::span<const double> row) {
  const auto count = [&](std::size_t i) { return static_cast<std::int64_t>(row[i]); };
  BleuStatistics statistics;
  for (std::size_t n = 0; n < 4; ++n) {
    statistics.correct[n] = count(n);
    statistics.total[n] = count(4 + n);
  }
  statistics.hypothesis_length = count(8);
  statistics.reference_length = count(9);
  return statistics;
}

void operator+=(BleuStatistics& sum, const BleuStatistics& one) {
  for (std::size_t n = 0; n < 4; ++n) {
    sum.correct[n] += one.correct[n];
    sum.total[n] += one.total[n];
  }
  sum.hypothesis_length += one.hypothesis_length;
  sum.reference_length += one.reference_length;
}

}  // namespace

BleuStatistics bleu_statistics(const Sample& sample) {
  require_references(sample, "bleu");
  Words words;
  Ngrams ngrams;
  BleuStatistics statistics;

  const std::vector<WordId> hypothesis = add_words(sample.hypothesis, words);
  const auto length = static_cast<std::int64_t>(hypothesis.size());
  statistics.hypothesis_length = length;
  const Counts counts = count_ngrams(hypothesis, ngrams);

  // A word that the hypothesis repeats counts as often as the reference that has it most often: by
  // n-gram, how often that is.
  std::vector<int> most(ngrams.size());
  statistics.reference_length = -1;
  for (const std::string& text : sample.references) {
    const std::vector<WordId> reference = add_words(text, words);
    for (const NgramCount& ngram : count_ngrams(reference, ngrams)) {
      if (ngram.ngram >= most.size()) break;  // the hypothesis does not have it, nor what follows
      most[ngram.ngram] = std::max(most[ngram.ngram], ngram.count);
    }
    const auto reference_length = static_cast<std::int64_t>(reference.size());
    const auto off = [&](std::int64_t other) { return std::abs(other - length); };
    const std::int64_t closest = statistics.reference_length;
    if (closest < 0 || off(reference_length) < off(closest) ||
        (off(reference_length) == off(closest) && reference_length < closest)) {
      statistics.reference_length = reference_length;
    }
  }

  for (const NgramCount& ngram : counts) {
    const auto n = static_cast<std::size_t>(ngram.n - 1);
    statistics.correct[n] += std::min(ngram.count, most[ngram.ngram]);
    statistics.total[n] += ngram.count;
  }
  return statistics;
}

std::array<double, 4> bleu_score(const BleuStatistics& statistics) {
  constexpr double kSmall = 1e-9, kTiny = 1e-15;  // so that nothing over nothing is nothing
  const double ratio = (static_cast<double>(statistics.hypothesis_length) + kTiny) /
                       (static_cast<double>(statistics.reference_length) + kSmall);
  const double brevity = ratio < 1 ? std::exp(1 - 1 / ratio) : 1;
  std::array<double, 4> scores;
  double product = 1;
  for (std::size_t n = 0; n < 4; ++n) {
    product *= (static_cast<double>(statistics.correct[n]) + kTiny) /
               (static_cast<double>(statistics.total[n]) + kSmall);
    scores[n] = std::pow(product, 1.0 / static_cast<double>(n + 1)) * brevity;
  }
  return scores;
}

std::array<Scores, 4> bleu(std::span<const Sample> samples) {
  std::vector<BleuStatistics> each(samples.size());
  base::parallel_for(static_cast<std::int64_t>(samples.size()), kSamplesPerChunk,
                     [&](std::int64_t begin, std::int64_t end) {
                       for (auto i = static_cast<std::size_t>(begin);
                            i < static_cast<std::size_t>(end); ++i) {
                         each[i] = bleu_statistics(samples[i]);
                       }
                     });

  std::array<Scores, 4> scores;
  BleuStatistics sum;
  for (const BleuStatistics& statistics : each) {
    sum += statistics;
    const std::array<double, 4> score = bleu_score(statistics);
    for (std::size_t n = 0; n < 4; ++n) {
      scores[n].images.push_back(score[n]);
      scores[n].statistics.push_back(row(statistics));
    }
  }
  const std::array<double, 4> corpus = bleu_score(sum);
  for (std::size_t n = 0; n < 4; ++n) {
    scores[n].corpus = corpus[n];
    scores[n].combine = [n](std::span<const double> row) { return bleu_score(of_row(row))[n]; };
  }
  return scores;
}

}  // namespace metrics
