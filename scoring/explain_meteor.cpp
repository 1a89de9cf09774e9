// METEOR, step by step.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "scoring/explain_parts.h"

namespace scoring {
namespace {

using base::str;
using metrics::MeteorMatch;
using metrics::MeteorMatcher;
using metrics::MeteorResult;
using metrics::MeteorStatistics;
using Parameters = metrics::MeteorParameters;

constexpr std::size_t kSegmentsShown = 60, kLineColumns = 100, kNameColumns = 13;

constexpr const char* kMatchers[] = {"exact", "stem", "synonym", "paraphrase"};
constexpr const char* kLinks[] = {"=", "stem", "syn", "para"};

/// Words of the caption that belong together, above what they are matched with.
struct Segment {
  std::string caption, link, reference, chunk;

  std::size_t width() const {
    return std::max({columns(caption), columns(link), columns(reference), columns(chunk)});
  }
};

std::string words(const std::vector<std::string>& all, int start, int length) {
  std::string text;
  for (int i = start; i < start + length; ++i) {
    text += (i > start ? " " : "") + printable(all[static_cast<std::size_t>(i)]);
  }
  return text;
}

std::string places(int start, int length) {
  return length == 1 ? str("[", start + 1, "]") : str("[", start + 1, "-", start + length, "]");
}

/// The caption from left to right; a chunk is a run of matches that are neighbours on both sides.
std::vector<Segment> segments_of(const MeteorResult& result) {
  std::vector<const MeteorMatch*> at(result.hypothesis_words.size());
  for (const MeteorMatch& match : result.matches) {
    at[static_cast<std::size_t>(match.hypothesis_start)] = &match;
  }
  std::vector<Segment> segments;
  int chunk = 0, next_reference = -1;
  for (std::size_t i = 0; i < at.size();) {
    const MeteorMatch* match = at[i];
    if (!match) {
      segments.push_back({.caption = printable(result.hypothesis_words[i]),
                          .link = "",
                          .reference = "",
                          .chunk = ""});
      next_reference = -1;
      ++i;
      continue;
    }
    chunk += match->reference_start != next_reference;
    next_reference = match->reference_start + match->reference_length;
    segments.push_back({.caption = words(result.hypothesis_words, match->hypothesis_start,
                                         match->hypothesis_length),
                        .link = kLinks[static_cast<std::size_t>(match->matcher)],
                        .reference = words(result.reference_words, match->reference_start,
                                           match->reference_length) +
                                     places(match->reference_start, match->reference_length),
                        .chunk = std::to_string(chunk)});
    i += static_cast<std::size_t>(match->hypothesis_length);
  }
  return segments;
}

/// The four lines, in blocks no wider than a line.
std::string drawn(std::vector<Segment> segments) {
  const std::size_t left_out = segments.size() - std::min(segments.size(), kSegmentsShown);
  segments.resize(segments.size() - left_out);
  std::string text;
  for (std::size_t begin = 0; begin < segments.size();) {
    std::string caption = left("  caption", kNameColumns), link(kNameColumns, ' ');
    std::string reference = left("  reference", kNameColumns),
                chunk = left("  chunk", kNameColumns);
    std::size_t end = begin, column = kNameColumns;
    for (; end < segments.size(); ++end) {
      const Segment& segment = segments[end];
      const std::size_t width = segment.width() + 2;
      if (end > begin && column + width > kLineColumns) break;
      caption += left(segment.caption, width);
      link += left(segment.link, width);
      reference += left(segment.reference, width);
      chunk += left(segment.chunk, width);
      column += width;
    }
    for (std::string* line : {&caption, &link, &reference, &chunk}) {
      line->resize(line->find_last_not_of(' ') + 1);
      text += *line + "\n";
    }
    begin = end;
    if (begin < segments.size()) text += "\n";
  }
  if (left_out > 0) text += str("  and ", left_out, " more\n");
  return text;
}

std::vector<std::string> unmatched_reference_words(const MeteorResult& result) {
  std::vector<bool> matched(result.reference_words.size());
  for (const MeteorMatch& match : result.matches) {
    const auto start = matched.begin() + match.reference_start;
    std::fill(start, start + match.reference_length, true);
  }
  std::vector<std::string> left_over;
  for (std::size_t i = 0; i < matched.size(); ++i) {
    if (!matched[i]) {
      left_over.push_back(printable(result.reference_words[i]) + places(static_cast<int>(i), 1));
    }
  }
  return left_over;
}

/// The weighted matches of one side over its weighted length, as a sum.
std::string share(const char* name, const std::array<double, 4>& content,
                  const std::array<double, 4>& function, double length, double function_words,
                  double value) {
  std::string sum;
  int terms = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    if (content[i] == 0 && function[i] == 0) continue;
    ++terms;
    sum += str(sum.empty() ? "" : " + ",
               Parameters::kWeights[i] == 1 ? "" : str(Parameters::kWeights[i], " "), "(0.75 * ",
               content[i], " + 0.25 * ", function[i], ")");
  }
  const bool several = terms > 1;
  return paragraph(str("  ", name, " = "), str(several ? "[" : "", sum, several ? "]" : "",
                                               " / (0.75 * ", length - function_words, " + 0.25 * ",
                                               function_words, ") = ", digits(value)));
}

}  // namespace

std::string explain_meteor(const metrics::Sample& sample, const metrics::Meteor& meteor) {
  const MeteorResult result = meteor.score(sample);
  const MeteorStatistics& counts = result.statistics;
  std::string text =
      paragraph("  ", str("With ", meteor.source(), ". The caption does best against reference ",
                          result.reference + 1,
                          ". Links: = equal, stem, syn for synonym, para for paraphrase; "
                          "[n] is the place in the reference."));
  text += drawn(segments_of(result));
  const std::vector<std::string> left_over = unmatched_reference_words(result);
  if (!left_over.empty())
    text += paragraph(left("  left over", kNameColumns), listed(left_over, 30));

  if (result.matches.empty()) {
    return text + str("  Nothing matches: METEOR = ", digits(result.score), "\n");
  }
  text += paragraph(
      "  ", str("Content words count 0.75 and function words 0.25; matches weigh ", kMatchers[0],
                " 1, ", kMatchers[1], " 0.6, ", kMatchers[2], " 0.8, ", kMatchers[3], " 0.6."));
  text += share("P", counts.hypothesis_content_matches, counts.hypothesis_function_matches,
                counts.hypothesis_length, counts.hypothesis_function, result.precision);
  text += share("R", counts.reference_content_matches, counts.reference_function_matches,
                counts.reference_length, counts.reference_function, result.recall);
  const double mean =
      1 / ((1 - Parameters::kAlpha) / result.precision + Parameters::kAlpha / result.recall);
  const double matched = (counts.hypothesis_matched + counts.reference_matched) / 2;
  const bool whole = counts.hypothesis_matched == counts.hypothesis_length &&
                     counts.reference_matched == counts.reference_length && counts.chunks == 1;
  const double fragmentation = whole ? 0 : counts.chunks / matched;
  text += str("  F = 1 / (0.15 / P + 0.85 / R) = ", digits(mean), "\n");
  text += whole
              ? std::string("  fragmentation = 0: every word is matched, in one chunk\n")
              : str("  fragmentation = chunks / matched words = ", fraction(counts.chunks, matched),
                    "\n");
  const double penalty = Parameters::kGamma * std::pow(fragmentation, Parameters::kBeta);
  return text + str("  METEOR = F * (1 - 0.6 * fragmentation^0.2) = ", digits(mean), " * (1 - ",
                    digits(penalty), ") = ", digits(result.score), "\n");
}

}  // namespace scoring
