// What `blip evaluate` writes for programs.
#include <charconv>
#include <cstdint>

#include "scoring/evaluation_output.h"

namespace scoring {
namespace {

using base::Json;

Json interval_json(const metrics::Interval& interval) {
  return Json::array({interval.low, interval.high});
}

Json diversity_json(const metrics::Diversity& diversity) {
  return {{"captions", diversity.captions},
          {"words", diversity.words},
          {"vocabulary", diversity.vocabulary},
          {"mean_length", diversity.mean_length},
          {"shortest", diversity.shortest},
          {"longest", diversity.longest},
          {"distinct_captions", diversity.distinct_captions},
          {"distinct", std::vector(diversity.distinct.begin(), diversity.distinct.end())},
          {"self_repetition", diversity.self_repetition}};
}

Json comparison_json(const std::vector<MetricColumn>& columns,
                     const std::vector<metrics::PairedTest>& tests) {
  Json json = Json::object();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    json[columns[c].key] = {{"difference", tests[c].difference},
                            {"interval", interval_json(tests[c].interval)},
                            {"p_value", tests[c].p_value}};
  }
  return json;
}

/// Name, scores and what belongs to them, of one file of results.
Json results_json(const Evaluation& evaluation, std::size_t r) {
  const ScoredResults& results = evaluation.results[r];
  Json json = {{"name", results.name}, {"scores", Json::object()}, {"notes", Json::object()}};
  Json intervals = Json::object();
  for (const MetricColumn& column : results.columns) {
    json["scores"][column.key] = column.scores.corpus;
    if (!column.note.empty()) json["notes"][column.key] = column.note;
    if (column.interval) intervals[column.key] = interval_json(*column.interval);
  }
  if (!intervals.empty()) json["intervals"] = std::move(intervals);
  json["diversity"] = diversity_json(results.diversity);
  if (r > 0) {
    json["comparison"] = comparison_json(results.columns, evaluation.comparisons[r]);
  }
  return json;
}

/// A number where the id is one, as COCO's files have it.
Json id_json(const std::string& id) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool is_number = error == std::errc() && end == id.data() + id.size();
  return is_number && std::to_string(number) == id ? Json(number) : Json(id);
}

}  // namespace

Json evaluation_json(const Evaluation& evaluation) {
  std::size_t captions = 0;
  for (const data::ReferencePicture& picture : evaluation.pictures)
    captions += picture.captions.size();
  Json json = {{"references", evaluation.references},
               {"pictures", evaluation.pictures.size()},
               {"reference_captions", captions},
               {"raw", evaluation.raw}};
  if (evaluation.rounds > 0) json["rounds"] = evaluation.rounds;
  if (!evaluation.warnings.empty()) json["warnings"] = evaluation.warnings;
  if (evaluation.results.size() == 1) {
    Json only = results_json(evaluation, 0);
    for (auto& [key, value] : only.items()) json[key] = std::move(value);
  } else {
    json["results"] = Json::array();
    for (std::size_t r = 0; r < evaluation.results.size(); ++r) {
      json["results"].push_back(results_json(evaluation, r));
    }
  }
  return json;
}

std::string per_image_lines(const Evaluation& evaluation) {
  std::string lines;
  for (std::size_t i = 0; i < evaluation.pictures.size(); ++i) {
    const data::ReferencePicture& picture = evaluation.pictures[i];
    for (const ScoredResults& results : evaluation.results) {
      Json line = {{"image_id", id_json(picture.id)}, {"results", results.name},
                   {"caption", results.captions[i]},  {"references", picture.captions},
                   {"raw", evaluation.raw},           {"scores", Json::object()}};
      if (!picture.file_name.empty()) line["file_name"] = picture.file_name;
      for (const MetricColumn& column : results.columns) {
        line["scores"][column.key] = column.scores.images[i];
      }
      lines += line.dump(-1, Json::NotUtf8::replace) + '\n';
    }
  }
  return lines;
}

}  // namespace scoring
