#include "metrics/meteor.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/parallel.h"
#include "metrics/meteor/aligner.h"
#include "metrics/meteor/candidates.h"
#include "metrics/meteor/resources.h"
#include "metrics/meteor/sentence.h"

namespace metrics {
namespace {

using meteor::Sentence;
using Parameters = MeteorParameters;

constexpr int kSamplesPerTask = 32;  // which share a memory of words met

/// All words of both sides are matched, in one chunk.
bool is_perfect(const MeteorStatistics& s) {
  return s.hypothesis_matched == s.hypothesis_length && s.reference_matched == s.reference_length &&
         s.chunks == 1;
}

/// How much of one side is matched: of its weighted words, the weighted share in a match.
double share(const std::array<double, 4>& content, const std::array<double, 4>& function,
             double words, double function_words) {
  double matched = 0;
  for (std::size_t i = 0; i < Parameters::kWeights.size(); ++i)
    matched += content[i] * Parameters::kWeights[i] * Parameters::kContent;
  for (std::size_t i = 0; i < Parameters::kWeights.size(); ++i) {
    matched += function[i] * Parameters::kWeights[i] * Parameters::kFunction;
  }
  if (matched == 0) return 0;
  return matched /
         (Parameters::kContent * (words - function_words) + Parameters::kFunction * function_words);
}

/// Fills in precision, recall, penalty and score from the statistics.
void compute(MeteorResult& result) {
  const MeteorStatistics& s = result.statistics;
  result.precision = share(s.hypothesis_content_matches, s.hypothesis_function_matches,
                           s.hypothesis_length, s.hypothesis_function);
  result.recall = share(s.reference_content_matches, s.reference_function_matches,
                        s.reference_length, s.reference_function);
  if (result.precision == 0 || result.recall == 0) return;
  const double mean =
      1.0 / ((1.0 - Parameters::kAlpha) / result.precision + Parameters::kAlpha / result.recall);
  const double fragments =
      is_perfect(s) ? 0 : s.chunks / ((s.hypothesis_matched + s.reference_matched) / 2);
  result.fragmentation_penalty = Parameters::kGamma * std::pow(fragments, Parameters::kBeta);
  result.score = std::max(mean * (1.0 - result.fragmentation_penalty), 0.0);
}

double count_function_words(const Sentence& sentence) {
  double count = 0;
  for (const meteor::WordFacts* facts : sentence.facts) count += facts->function ? 1 : 0;
  return count;
}

MeteorStatistics count(const Sentence& hypothesis, const Sentence& reference,
                       const std::vector<MeteorMatch>& alignment) {
  MeteorStatistics s;
  s.hypothesis_length = static_cast<double>(hypothesis.words.size());
  s.reference_length = static_cast<double>(reference.words.size());
  s.hypothesis_function = count_function_words(hypothesis);
  s.reference_function = count_function_words(reference);
  s.chunks = meteor::count_chunks(alignment);
  for (const MeteorMatch& match : alignment) {
    const auto matcher = static_cast<std::size_t>(match.matcher);
    for (int i = 0; i < match.hypothesis_length; ++i) {
      const bool function = hypothesis.facts[match.hypothesis_start + i]->function;
      ++(function ? s.hypothesis_function_matches : s.hypothesis_content_matches)[matcher];
    }
    for (int i = 0; i < match.reference_length; ++i) {
      const bool function = reference.facts[match.reference_start + i]->function;
      ++(function ? s.reference_function_matches : s.reference_content_matches)[matcher];
    }
    s.hypothesis_matched += match.hypothesis_length;
    s.reference_matched += match.reference_length;
  }
  return s;
}

/// The parts of a text between "|||".
std::vector<std::string_view> split_at_bars(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  for (std::size_t at; (at = text.find("|||", begin)) != text.npos; begin = at + 3) {
    parts.push_back(text.substr(begin, at - begin));
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::string without_bars(std::string_view text) {
  std::string out;
  for (const std::string_view part : split_at_bars(text)) out += part;
  return out;
}

MeteorResult score_sample(const Sample& sample, meteor::SentenceReader& reader,
                          const meteor::ParaphraseTable* paraphrases) {
  require_references(sample, "meteor");
  Sentence hypothesis = reader.read(without_bars(sample.hypothesis));
  MeteorResult best;
  best.score = -1;
  for (std::size_t i = 0; i < sample.references.size(); ++i) {
    for (const std::string_view text : split_at_bars(sample.references[i])) {
      Sentence reference = reader.read(text);
      const meteor::Candidates candidates(hypothesis, reference, paraphrases);
      MeteorResult result;
      result.matches = meteor::align(candidates);
      result.statistics = count(hypothesis, reference, result.matches);
      compute(result);
      if (result.score <= best.score) continue;
      best = std::move(result);
      best.reference = i;
      best.reference_words = std::move(reference.words);
    }
  }
  best.hypothesis_words = std::move(hypothesis.words);
  return best;
}

// Statistics as a row of numbers, in the order in which the original prints them.
constexpr std::size_t kStatistics = 23;

std::vector<double> to_row(const MeteorStatistics& s) {
  std::vector<double> row{s.hypothesis_length, s.reference_length, s.hypothesis_function,
                          s.reference_function};
  for (std::size_t i = 0; i < Parameters::kWeights.size(); ++i) {
    row.insert(row.end(), {s.hypothesis_content_matches[i], s.reference_content_matches[i],
                           s.hypothesis_function_matches[i], s.reference_function_matches[i]});
  }
  row.insert(row.end(), {is_perfect(s) ? 0 : s.chunks, s.hypothesis_matched, s.reference_matched});
  return row;
}

MeteorStatistics from_row(std::span<const double> row) {
  MeteorStatistics s;
  s.hypothesis_length = row[0];
  s.reference_length = row[1];
  s.hypothesis_function = row[2];
  s.reference_function = row[3];
  for (std::size_t i = 0; i < Parameters::kWeights.size(); ++i) {
    s.hypothesis_content_matches[i] = row[4 + 4 * i];
    s.reference_content_matches[i] = row[5 + 4 * i];
    s.hypothesis_function_matches[i] = row[6 + 4 * i];
    s.reference_function_matches[i] = row[7 + 4 * i];
  }
  s.chunks = row[20];
  s.hypothesis_matched = row[21];
  s.reference_matched = row[22];
  return s;
}

}  // namespace

Meteor::Meteor(meteor::Resources resources)
    : resources_(std::make_shared<const meteor::Resources>(std::move(resources))) {}

Meteor Meteor::from_meteor(const std::filesystem::path& folder, bool paraphrases) {
  return Meteor(meteor::load_meteor_resources(folder, paraphrases));
}

Meteor Meteor::from_wordnet(const std::filesystem::path& folder) {
  return Meteor(meteor::load_wordnet_resources(folder));
}

bool Meteor::has_paraphrases() const {
  return resources_->paraphrases.has_value();
}

std::string Meteor::source() const {
  return resources_->source;
}

MeteorResult Meteor::score(const Sample& sample) const {
  meteor::SentenceReader reader(*resources_);
  return score_sample(sample, reader,
                      resources_->paraphrases ? &*resources_->paraphrases : nullptr);
}

Scores Meteor::score(std::span<const Sample> samples) const {
  Scores scores;
  scores.images.resize(samples.size());
  scores.statistics.resize(samples.size());
  const meteor::ParaphraseTable* const paraphrases =
      resources_->paraphrases ? &*resources_->paraphrases : nullptr;
  base::parallel_for(static_cast<std::int64_t>(samples.size()), kSamplesPerTask,
                     [&](std::int64_t begin, std::int64_t end) {
                       meteor::SentenceReader reader(*resources_);
                       for (std::int64_t i = begin; i < end; ++i) {
                         const MeteorResult result = score_sample(samples[i], reader, paraphrases);
                         scores.images[i] = result.score;
                         scores.statistics[i] = to_row(result.statistics);
                       }
                     });
  std::vector<double> sum(kStatistics);
  for (const std::vector<double>& row : scores.statistics) {
    for (std::size_t i = 0; i < kStatistics; ++i) sum[i] += row[i];
  }
  scores.combine = [](std::span<const double> row) { return score(from_row(row)); };
  scores.corpus = scores.combine(sum);
  return scores;
}

double Meteor::score(const MeteorStatistics& statistics) {
  MeteorResult result;
  result.statistics = statistics;
  compute(result);
  return result.score;
}

}  // namespace metrics
