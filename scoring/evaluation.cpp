#include "scoring/evaluation.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "metrics/bleu.h"
#include "metrics/rouge.h"
#include "metrics/tokens.h"
#include "scoring/metric_data.h"

namespace scoring {
namespace {

using base::str;
using base::UsageError;
using metrics::Sample;

constexpr std::int64_t kGrain = 64;      // pictures a thread takes at a time
constexpr int kComparisonRounds = 1000;  // of the paired tests, where --bootstrap says nothing

/// One metric (BLEU: four) over the samples of one file of results.
using Metric = std::function<std::vector<MetricColumn>(const ScoredResults& results,
                                                       std::span<const Sample> samples)>;

bool have_attributes(const Evaluation& evaluation) {
  return std::any_of(evaluation.pictures.begin(), evaluation.pictures.end(),
                     [](const auto& picture) { return !picture.attributes.empty(); });
}

/// The words that name the categories: those given, else the categories themselves, if they are
/// words.
std::vector<metrics::CategoryWord> category_words(Evaluation& evaluation, const Scoring& scoring) {
  std::set<std::string> categories;
  for (const data::ReferencePicture& picture : evaluation.pictures) {
    if (!picture.category.empty()) categories.insert(picture.category);
  }
  if (!scoring.wants("sls")) return {};
  if (categories.empty() && !scoring.category_words.empty()) {
    throw UsageError("--category-words: the references have no categories");
  }
  if (categories.empty() || !scoring.category_words.empty()) return scoring.category_words;
  std::vector<metrics::CategoryWord> words;
  for (const std::string& category : categories) {
    if (category.find_first_not_of("0123456789") == category.npos) {
      const std::string why =
          str("category ", category, " is a number; --category-words says its word");
      if (!scoring.metrics.empty()) throw UsageError("--metrics sls: " + why);
      evaluation.warnings.push_back("SLS is left out: " + why);
      return {};
    }
    words.push_back({.phrase = category, .category = category});
  }
  return words;
}

/// The metrics that were asked for, ready to score.
class Metrics {
 public:
  /// May add to the warnings.
  Metrics(Evaluation& evaluation, const Scoring& scoring)
      : evaluation_(evaluation), scoring_(scoring), words_(category_words(evaluation, scoring)) {
    if (scoring.wants("bleu")) add_bleu();
    if (scoring.wants("meteor")) add_meteor();
    if (scoring.wants("rouge_l")) add_rouge();
    if (scoring.wants("cider_d")) add_cider("cider_d", "CIDEr-D", metrics::CiderVariant::kD);
    if (scoring.wants("cider")) add_cider("cider", "CIDEr", metrics::CiderVariant::kPlain);
    if (scoring.wants("spice")) add_spice();
    const bool als = possible("als", have_attributes(evaluation), "no reference has attributes");
    const bool sls = possible("sls", !words_.empty(), "the references have no categories");
    if (als || sls) add_attribute_metrics(als, sls);
  }

  std::vector<MetricColumn> operator()(const ScoredResults& results,
                                       std::span<const Sample> samples) const {
    std::vector<MetricColumn> columns;
    for (const Metric& metric : metrics_) {
      for (MetricColumn& column : metric(results, samples)) columns.push_back(std::move(column));
    }
    return columns;
  }

 private:
  /// A metric that the references do not allow is left out, unless it is asked for by name.
  bool possible(const char* name, bool allowed, const char* why_not) const {
    if (scoring_.wants(name) && !allowed && !scoring_.metrics.empty()) {
      throw UsageError(str("--metrics ", name, ": ", why_not));
    }
    return scoring_.wants(name) && allowed;
  }

  /// A metric of one column.
  template <class Compute>
  void add(const char* key, const char* title, std::string note, Compute compute) {
    metrics_.push_back([=](const ScoredResults& results, std::span<const Sample> samples) {
      return std::vector{MetricColumn{.key = key,
                                      .title = title,
                                      .note = note,
                                      .scores = compute(results, samples),
                                      .interval = {}}};
    });
  }

  void add_bleu() {
    metrics_.push_back([](const ScoredResults&, std::span<const Sample> samples) {
      std::vector<MetricColumn> columns;
      for (metrics::Scores& scores : metrics::bleu(samples)) {
        const std::size_t n = columns.size() + 1;
        columns.push_back({.key = str("bleu_", n),
                           .title = str("BLEU-", n),
                           .note = {},
                           .scores = std::move(scores),
                           .interval = {}});
      }
      return columns;
    });
  }

  void add_meteor() {
    add("meteor", "METEOR", scoring_.meteor.value().source(),
        [meteor = *scoring_.meteor, &pictures = evaluation_.pictures](
            const ScoredResults& results, std::span<const Sample> samples) {
          try {
            return meteor.score(samples);
          } catch (const UsageError&) {  // captions too long to align: which?
            for (std::size_t i = 0; i < samples.size(); ++i) {
              try {
                meteor.score(samples[i]);
              } catch (const UsageError& error) {
                throw base::FormatError(
                    str(results.name, ": picture ", pictures[i].id, ": ", error.what()));
              }
            }
            throw;
          }
        });
  }

  void add_rouge() {
    add("rouge_l", "ROUGE-L", {},
        [](const auto&, std::span<const Sample> samples) { return metrics::rouge_l(samples); });
  }

  void add_cider(const char* key, const char* title, metrics::CiderVariant variant) {
    const metrics::DocumentFrequencies& frequencies = scoring_.document_frequencies.value();
    const std::string& file = scoring_.document_frequencies_source;
    add(key, title,
        str("word weights of ", frequencies.pictures(), " pictures",
            file.empty() ? "" : str(" (", file, ")")),
        [cider = metrics::Cider(frequencies, variant)](
            const auto&, std::span<const Sample> samples) { return cider.score(samples); });
  }

  void add_spice() {
    add("spice", "SPICE", scoring_.spice_source,
        [spice = scoring_.spice.value()](const auto&, std::span<const Sample> samples) {
          return spice.score(samples);
        });
  }

  /// Says how many pictures count 0 because there is nothing to find for them.
  template <class Lacks>
  void warn_of(const char* what, Lacks lacks) {
    const auto& pictures = evaluation_.pictures;
    const auto count = std::count_if(pictures.begin(), pictures.end(), lacks);
    if (count == 0) return;
    evaluation_.warnings.push_back(str(count, " of ", pictures.size(), " pictures have no ", what));
  }

  /// Judges captions as written, picture by picture; the corpus score is the mean. One reading of a
  /// caption serves both.
  void add_attribute_metrics(bool als, bool sls) {
    if (als) {
      warn_of("attributes, their ALS is 0",
              [](const auto& picture) { return picture.attributes.empty(); });
    }
    if (sls) {
      warn_of("category, their SLS is 0",
              [](const auto& picture) { return picture.category.empty(); });
    }
    std::set<std::string> attributes;
    for (const data::ReferencePicture& picture : evaluation_.pictures) {
      attributes.insert(picture.attributes.begin(), picture.attributes.end());
    }
    const std::vector<std::string> known(attributes.begin(), attributes.end());
    const auto scorer = std::make_shared<const metrics::AttributeScorer>(load_tagger(), words_,
                                                                         scoring_.rule, known);
    const char* note =
        scoring_.rule == metrics::AttributeRule::kLiteral ? "the study's literal rule" : "";
    metrics_.push_back([=, &pictures = evaluation_.pictures](const ScoredResults& results,
                                                             std::span<const Sample>) {
      std::vector<double> of_attributes(pictures.size()), of_categories(pictures.size());
      base::parallel_for(
          static_cast<std::int64_t>(pictures.size()), kGrain,
          [&](std::int64_t begin, std::int64_t end) {
            for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
              const metrics::AttributeScores scores =
                  scorer->score(results.captions[i], pictures[i].attributes, pictures[i].category);
              of_attributes[i] = scores.als;
              of_categories[i] = scores.sls;
            }
          });
      std::vector<MetricColumn> columns;
      if (als) columns.push_back(mean_column("als", "ALS", note, std::move(of_attributes)));
      if (sls) columns.push_back(mean_column("sls", "SLS", note, std::move(of_categories)));
      return columns;
    });
  }

  static MetricColumn mean_column(const char* key, const char* title, const char* note,
                                  std::vector<double> images) {
    metrics::Scores scores{
        .corpus = 0, .images = std::move(images), .statistics = {}, .combine = {}};
    for (const double image : scores.images) scores.corpus += image;
    scores.corpus /= static_cast<double>(scores.images.size());
    return {.key = key, .title = title, .note = note, .scores = std::move(scores), .interval = {}};
  }

  Evaluation& evaluation_;
  const Scoring& scoring_;
  const std::vector<metrics::CategoryWord> words_;
  std::vector<Metric> metrics_;
};

/// Puts the captions of some results into samples that hold the references already.
void set_hypotheses(std::vector<Sample>& samples, const Evaluation& evaluation,
                    const ScoredResults& results) {
  base::parallel_for(
      static_cast<std::int64_t>(samples.size()), kGrain, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
          const std::string& caption = results.captions[i];
          samples[i].hypothesis = evaluation.raw ? caption : metrics::caption_tokens(caption);
        }
      });
}

metrics::Diversity diversity_of(std::span<const Sample> samples) {
  std::vector<std::string> captions;
  for (const Sample& sample : samples) captions.push_back(sample.hypothesis);
  return metrics::diversity(captions);
}

/// Word weights of other tokens than the captions' make a CIDEr that is neither the one nor the
/// other.
void check_tokens(Evaluation& evaluation, const Scoring& scoring) {
  using metrics::CaptionTokens;
  if (!scoring.document_frequencies) return;
  const CaptionTokens tokens = scoring.document_frequencies->tokens();
  if (tokens == CaptionTokens::kUnknown || (tokens == CaptionTokens::kRaw) == evaluation.raw)
    return;
  evaluation.warnings.push_back(str(
      scoring.document_frequencies_source, ": the word weights were counted ",
      evaluation.raw ? "over Penn Treebank tokens, and these captions are split at spaces (--raw)"
                     : "with --raw, and these captions are Penn Treebank tokens",
      ": this CIDEr compares with no other"));
}

}  // namespace

std::vector<Sample> reference_samples(const Evaluation& evaluation) {
  std::vector<Sample> samples(evaluation.pictures.size());
  base::parallel_for(
      static_cast<std::int64_t>(samples.size()), kGrain, [&](std::int64_t begin, std::int64_t end) {
        for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
          samples[i].references = evaluation.pictures[i].captions;
          if (evaluation.raw) continue;
          for (std::string& reference : samples[i].references)
            reference = metrics::caption_tokens(reference);
        }
      });
  return samples;
}

Sample sample_of(const Evaluation& evaluation, std::size_t i, std::size_t picture) {
  const Sample sample{.hypothesis = evaluation.results[i].captions[picture],
                      .references = evaluation.pictures[picture].captions};
  return evaluation.raw ? sample : metrics::tokenized(sample);
}

std::size_t find_picture(const Evaluation& evaluation, const std::string& id) {
  const auto& pictures = evaluation.pictures;
  const auto found = std::find_if(pictures.begin(), pictures.end(),
                                  [&](const auto& picture) { return picture.id == id; });
  if (found != pictures.end()) return static_cast<std::size_t>(found - pictures.begin());
  throw UsageError(
      str("there is no picture ", id, " among the ", pictures.size(), " to be scored"));
}

bool Scoring::wants(std::string_view metric) const {
  return metrics.empty() || std::find(metrics.begin(), metrics.end(), metric) != metrics.end();
}

void score(Evaluation& evaluation, Scoring& scoring) {
  std::vector<Sample> samples = reference_samples(evaluation);
  if (!scoring.document_frequencies && (scoring.wants("cider_d") || scoring.wants("cider"))) {
    scoring.document_frequencies = metrics::DocumentFrequencies::of(
        samples, evaluation.raw ? metrics::CaptionTokens::kRaw : metrics::CaptionTokens::kPtb);
    if (samples.size() == 1) {
      evaluation.warnings.push_back(
          "CIDEr weighs words by how few pictures have them: over a single picture it is 0");
    }
  }
  check_tokens(evaluation, scoring);
  const Metrics metrics(evaluation, scoring);
  for (ScoredResults& results : evaluation.results) {
    set_hypotheses(samples, evaluation, results);
    results.diversity = diversity_of(samples);
    results.columns = metrics(results, samples);
    if (scoring.bootstrap == 0) continue;
    for (MetricColumn& column : results.columns) {
      column.interval = metrics::bootstrap_interval(column.scores, scoring.bootstrap, scoring.seed);
    }
  }
  const bool compare = evaluation.results.size() > 1;
  evaluation.rounds = scoring.bootstrap > 0 ? scoring.bootstrap : compare ? kComparisonRounds : 0;
  if (!compare) return;
  const std::vector<MetricColumn>& first = evaluation.results[0].columns;
  evaluation.comparisons.resize(evaluation.results.size());
  for (std::size_t r = 1; r < evaluation.results.size(); ++r) {
    for (std::size_t c = 0; c < first.size(); ++c) {
      evaluation.comparisons[r].push_back(
          metrics::paired_test(first[c].scores, evaluation.results[r].columns[c].scores,
                               evaluation.rounds, scoring.seed));
    }
  }
}

}  // namespace scoring
