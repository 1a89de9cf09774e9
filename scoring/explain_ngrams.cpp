// BLEU, ROUGE-L and CIDEr-D, step by step.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "base/error.h"
#include "metrics/bleu.h"
#include "metrics/cider.h"
#include "metrics/lcs.h"
#include "metrics/rouge.h"
#include "metrics/tokens.h"
#include "report/html.h"
#include "scoring/explain_parts.h"

namespace scoring {
namespace {

using base::str;
using metrics::Sample;
using report::fixed;
using report::with_commas;

constexpr std::size_t kNgramsShown = 12, kReferencesShown = 10;
constexpr std::size_t kWordPairsTraced =
    4'000'000;  // of ROUGE-L, beyond which only the length is had

/// An n-gram is its words with single spaces between; in the order of the caption.
struct Ngram {
  std::string text;
  int n;
  std::int64_t count;
};

std::vector<Ngram> ngrams_of(const std::string& caption) {
  const std::vector<std::string_view> words = metrics::split(caption);
  std::vector<Ngram> ngrams;
  std::map<std::string, std::size_t> places;
  for (std::size_t n = 1; n <= 4; ++n) {
    for (std::size_t i = 0; i + n <= words.size(); ++i) {
      std::string text(words[i]);
      for (std::size_t j = i + 1; j < i + n; ++j) text += str(' ', words[j]);
      const auto [place, added] = places.emplace(text, ngrams.size());
      if (added) ngrams.push_back({std::move(text), static_cast<int>(n), 0});
      ++ngrams[place->second].count;
    }
  }
  return ngrams;
}

using Counts = std::map<std::string, std::int64_t>;

Counts counts_of(const std::vector<Ngram>& ngrams) {
  Counts counts;
  for (const Ngram& ngram : ngrams) counts[ngram.text] = ngram.count;
  return counts;
}

std::int64_t count_in(const Counts& counts, const std::string& ngram) {
  const auto found = counts.find(ngram);
  return found == counts.end() ? 0 : found->second;
}

// BLEU

/// Which n-grams of this length are matched, and which are not.
std::string bleu_matches(int n, const metrics::BleuStatistics& statistics,
                         const std::vector<Ngram>& ngrams, const Counts& most) {
  std::vector<std::string> matched, missed;
  for (const Ngram& ngram : ngrams) {
    if (ngram.n != n) continue;
    const std::int64_t counted = std::min(ngram.count, count_in(most, ngram.text));
    if (counted == 0) {
      missed.push_back(ngram.text);
    } else if (ngram.count == 1) {
      matched.push_back(ngram.text);
    } else {
      matched.push_back(str(ngram.text, " (", counted, " of ", ngram.count, ")"));
    }
  }
  const auto i = static_cast<std::size_t>(n - 1);
  const std::string lead =
      left(str("  n = ", n, "   ", statistics.correct[i], " of ", statistics.total[i]), 20);
  const std::vector<std::string> none = {"(none)"};
  std::string text =
      paragraph(lead + "matched: ", matched.empty() ? none : listed(matched, kNgramsShown));
  if (!missed.empty()) {
    text += paragraph(std::string(20, ' ') + "missed:  ", listed(missed, kNgramsShown));
  }
  return text;
}

/// The toolkit's smoothing shows where a count is 0.
std::string bleu_factor(std::int64_t correct, std::int64_t total) {
  return str(correct > 0 ? std::to_string(correct) : "1e-15", "/",
             total > 0 ? std::to_string(total) : "1e-9");
}

// CIDEr-D

double inverse_frequency(const metrics::DocumentFrequencies& frequencies,
                         const std::string& ngram) {
  return std::log(static_cast<double>(frequencies.pictures())) -
         std::log(static_cast<double>(std::max<std::int64_t>(1, frequencies.count(ngram))));
}

/// Cosines by n - 1, and the penalty for another length.
struct Similarity {
  std::array<double, 4> cosine{};
  double penalty = 1;

  double score() const {
    return 10 * penalty * std::accumulate(cosine.begin(), cosine.end(), 0.0) / 4;
  }
};

Similarity similarity(const std::vector<Ngram>& caption, const std::vector<Ngram>& reference,
                      const metrics::DocumentFrequencies& frequencies) {
  std::array<double, 4> dot{}, norm{}, reference_norm{};
  double bigrams = 0;
  const Counts counts = counts_of(reference);
  for (const Ngram& ngram : caption) {
    const auto i = static_cast<std::size_t>(ngram.n - 1);
    const double idf = inverse_frequency(frequencies, ngram.text);
    const double weight = idf * static_cast<double>(ngram.count);
    const double other = idf * static_cast<double>(count_in(counts, ngram.text));
    dot[i] += std::min(weight, other) * other;
    norm[i] += weight * weight;
    if (ngram.n == 2) bigrams += static_cast<double>(ngram.count);
  }
  for (const Ngram& ngram : reference) {
    const double weight =
        inverse_frequency(frequencies, ngram.text) * static_cast<double>(ngram.count);
    reference_norm[static_cast<std::size_t>(ngram.n - 1)] += weight * weight;
    if (ngram.n == 2) bigrams -= static_cast<double>(ngram.count);
  }
  Similarity result;
  for (std::size_t i = 0; i < 4; ++i) {
    const double norms = std::sqrt(norm[i]) * std::sqrt(reference_norm[i]);
    if (norms != 0) result.cosine[i] = dot[i] / norms;
  }
  result.penalty = std::exp(-bigrams * bigrams / (2 * 6 * 6));
  return result;
}

/// The n-grams that weigh most in the caption's vectors: first those that references have, which
/// make the score, then those that only make the caption's vector longer.
std::string heaviest(const std::vector<Ngram>& ngrams, const std::vector<Counts>& references,
                     const metrics::DocumentFrequencies& frequencies) {
  struct Row {
    const Ngram* ngram;
    std::int64_t references;
    double idf, weight;
  };
  std::vector<Row> rows;
  for (const Ngram& ngram : ngrams) {
    const double idf = inverse_frequency(frequencies, ngram.text);
    const auto having =
        std::count_if(references.begin(), references.end(),
                      [&](const Counts& counts) { return counts.contains(ngram.text); });
    rows.push_back({&ngram, having, idf, idf * static_cast<double>(ngram.count)});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.weight > b.weight; });
  const auto others = std::stable_partition(rows.begin(), rows.end(),
                                            [](const Row& row) { return row.references > 0; });
  const auto most = static_cast<std::ptrdiff_t>(kNgramsShown);
  rows.erase(others + std::min(rows.end() - others, most / 2), rows.end());
  rows.erase(rows.begin() + std::min(others - rows.begin(), most), others);

  std::size_t width = 6;
  for (const Row& row : rows) width = std::max(width, columns(printable(row.ngram->text)));
  std::string text =
      str("    ", left("n-gram", width), "  times  pictures     idf  weight  in references\n");
  for (const Row& row : rows) {
    text += str(
        "    ", left(printable(row.ngram->text), width), right(std::to_string(row.ngram->count), 7),
        right(with_commas(frequencies.count(row.ngram->text)), 10), right(fixed(row.idf, 4), 8),
        right(fixed(row.weight, 4), 8), "  ", row.references, " of ", references.size(), "\n");
  }
  return text;
}

}  // namespace

std::string explain_bleu(const Sample& sample) {
  const metrics::BleuStatistics statistics = metrics::bleu_statistics(sample);
  const std::vector<Ngram> ngrams = ngrams_of(sample.hypothesis);
  Counts most;
  for (const std::string& reference : sample.references) {
    for (const Ngram& ngram : ngrams_of(reference)) {
      std::int64_t& count = most[ngram.text];
      count = std::max(count, ngram.count);
    }
  }
  std::string text = paragraph("  ",
                               "An n-gram counts as often as the caption has it, but at most as "
                               "often as the reference that has it most.");
  for (int n = 1; n <= 4; ++n) text += bleu_matches(n, statistics, ngrams, most);

  const bool too_short = statistics.hypothesis_length < statistics.reference_length;
  const double ratio = static_cast<double>(statistics.reference_length) /
                       static_cast<double>(std::max<std::int64_t>(1, statistics.hypothesis_length));
  const double penalty = too_short ? std::exp(1 - ratio) : 1;
  text += paragraph(
      "  ", str(statistics.hypothesis_length, " words, ", statistics.reference_length,
                " in the reference closest in length: ",
                too_short ? str("too short, brevity penalty exp(1 - ", statistics.reference_length,
                                "/", statistics.hypothesis_length, ") = ", digits(penalty))
                          : "not too short, no penalty",
                "."));
  const std::array<double, 4> scores = metrics::bleu_score(statistics);
  const auto& correct = statistics.correct;
  if (std::find(correct.begin(), correct.end(), 0) != correct.end()) {
    text += "  So that a product is not lost, 0 counts as 1e-15, and no n-grams at all as 1e-9.\n";
  }
  std::string product;
  for (std::size_t n = 1; n <= 4; ++n) {
    product +=
        (n > 1 ? " * " : "") + bleu_factor(statistics.correct[n - 1], statistics.total[n - 1]);
    text += paragraph(
        str("  BLEU-", n, " = "),
        str(too_short ? digits(penalty) + " * " : "",
            n > 1 ? str("(", product, ")^(1/", n, ")") : product, " = ", digits(scores[n - 1])));
  }
  return text;
}

std::string explain_rouge(const Sample& sample) {
  const std::vector<std::string_view> caption = metrics::split_at_spaces(sample.hypothesis);
  const metrics::CommonSubsequence with_caption(caption);
  std::string text =
      paragraph("  ", "The longest run of words that both have in this order, gaps allowed.");
  double precision = 0, recall = 0;
  std::string p, r;
  for (std::size_t i = 0; i < sample.references.size(); ++i) {
    const std::vector<std::string_view> reference = metrics::split_at_spaces(sample.references[i]);
    const auto length = static_cast<double>(with_caption.length(reference));
    const auto words = static_cast<double>(caption.size());
    const auto others = static_cast<double>(reference.size());
    if (words > 0 && length / words > precision) {
      precision = length / words;
      p = fraction(length, words);
    }
    if (others > 0 && length / others > recall) {
      recall = length / others;
      r = fraction(length, others);
    }
    if (i >= kReferencesShown) continue;
    std::vector<std::string> common;
    if (caption.size() * reference.size() <= kWordPairsTraced) {
      const std::vector<std::string> mine(caption.begin(), caption.end());
      const std::vector<bool> different =
          metrics::different_words(mine, {reference.begin(), reference.end()});
      for (std::size_t word = 0; word < mine.size(); ++word) {
        if (!different[word]) common.push_back(printable(mine[word]));
      }
    }
    if (common.size() > 60) common.assign({"..."});
    text += paragraph(left(str("  reference ", i + 1, "   ", length, " of ", caption.size(),
                               " and ", reference.size(), " words: "),
                           42),
                      common);
  }
  const double score = metrics::rouge_l(sample);
  if (precision == 0) {
    const char* why = score > 0 ? "Both empty, which counts as one word" : "No word";
    return text + str("  ", why, " in common: ROUGE-L = ", digits(score), "\n");
  }
  text += str("  P = ", p, " (the best reference for it), R = ", r, " (likewise), beta = 1.2\n");
  return text +
         paragraph("  ROUGE-L = ", str("(1 + 1.44) P R / (R + 1.44 P) = 2.44 * ", digits(precision),
                                       " * ", digits(recall), " / (", digits(recall), " + 1.44 * ",
                                       digits(precision), ") = ", digits(score)));
}

std::string explain_cider(const Sample& sample, const metrics::DocumentFrequencies& frequencies,
                          const std::string& file) {
  const std::vector<Ngram> caption = ngrams_of(sample.hypothesis);
  std::vector<std::vector<Ngram>> references;
  std::vector<Counts> counts;
  for (const std::string& reference : sample.references) {
    references.push_back(ngrams_of(reference));
    counts.push_back(counts_of(references.back()));
  }
  std::string text = paragraph(
      "  ",
      str("An n-gram weighs how often it stands in a caption times idf = log(",
          frequencies.pictures(), " / the pictures ", file.empty() ? "" : str("of ", file, " "),
          "whose references have it). The caption's heaviest, those of references first:"));
  text += heaviest(caption, counts, frequencies);
  text += paragraph("  ",
                    "Cosine of caption and reference for each n (weights clipped to the "
                    "reference's), their mean, "
                    "times exp(-d^2 / 72) where d is the difference in bigrams, times 10:");
  text += "                   n = 1   n = 2   n = 3   n = 4   penalty   score\n";
  double sum = 0;
  for (std::size_t i = 0; i < references.size(); ++i) {
    const Similarity similar = similarity(caption, references[i], frequencies);
    sum += similar.score();
    if (i >= kReferencesShown) continue;
    text += left(str("  reference ", i + 1), 17);
    for (const double cosine : similar.cosine) text += "  " + fixed(cosine, 4);
    text += "  " + fixed(similar.penalty, 4) + "    " + fixed(similar.score(), 4) + "\n";
  }
  const double score = metrics::Cider(frequencies, metrics::CiderVariant::kD).score(sample);
  return text + str("  CIDEr-D = the mean of the scores = ", digits(sum), " / ", references.size(),
                    " = ", digits(score), "\n");
}

}  // namespace scoring
