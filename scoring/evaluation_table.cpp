// The table that `blip evaluate` prints.
#include <algorithm>
#include <cstdio>
#include <map>

#include "base/error.h"
#include "scoring/evaluation_output.h"

namespace scoring {
namespace {

using base::str;

/// Cells of text; the first column stands left, the others right.
class Table {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  std::string text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (const auto& row : rows_) {
      std::string line = row[0] + std::string(widths[0] - row[0].size(), ' ');
      for (std::size_t i = 1; i < row.size(); ++i) {
        line += "  " + std::string(widths[i] - row[i].size(), ' ') + row[i];
      }
      line.resize(line.find_last_not_of(' ') + 1);
      text += line + '\n';
    }
    return text;
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

std::string decimals(double value, const char* format = "%.4f") {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

const char* stars(double p) {
  return p < 0.001 ? "***" : p < 0.01 ? "** " : p < 0.05 ? "*  " : "   ";
}

std::string cell(const Evaluation& evaluation, std::size_t r, std::size_t c) {
  const MetricColumn& column = evaluation.results[r].columns[c];
  std::string text = decimals(column.scores.corpus);
  if (column.interval) {
    text += " [" + decimals(column.interval->low) + ", " + decimals(column.interval->high) + "]";
  }
  if (evaluation.comparisons.empty()) return text;
  return text + " " + (r == 0 ? "   " : stars(evaluation.comparisons[r][c].p_value));
}

void add_metrics(Table& table, const Evaluation& evaluation) {
  for (std::size_t c = 0; c < evaluation.results[0].columns.size(); ++c) {
    std::vector<std::string> row = {evaluation.results[0].columns[c].title};
    for (std::size_t r = 0; r < evaluation.results.size(); ++r)
      row.push_back(cell(evaluation, r, c));
    table.add(std::move(row));
  }
}

void add_diversity(Table& table, const Evaluation& evaluation) {
  const std::string margin = evaluation.comparisons.empty() ? "" : "    ";  // below the scores
  const auto row = [&](const std::string& title, const auto& value) {
    std::vector<std::string> cells = {title};
    for (const ScoredResults& results : evaluation.results) {
      cells.push_back(value(results.diversity) + margin);
    }
    table.add(std::move(cells));
  };
  using metrics::Diversity;
  row("words a caption", [](const Diversity& d) { return decimals(d.mean_length, "%.2f"); });
  row("shortest, longest", [](const Diversity& d) { return str(d.shortest, ", ", d.longest); });
  row("different words", [](const Diversity& d) { return str(d.vocabulary); });
  row("different captions", [](const Diversity& d) { return str(d.distinct_captions); });
  for (std::size_t n = 1; n <= 4; ++n) {
    row(str("distinct-", n), [n](const Diversity& d) { return decimals(d.distinct[n - 1]); });
  }
  row("self-repetition", [](const Diversity& d) { return decimals(d.self_repetition); });
}

std::string explain_stars(const Evaluation& evaluation) {
  if (evaluation.comparisons.empty()) return {};
  return str("* p < 0.05, ** p < 0.01, *** p < 0.001: differs from ", evaluation.results[0].name,
             " (paired approximate randomisation, ", evaluation.rounds, " rounds, two-sided)\n");
}

/// What to know beside the numbers, "METEOR: WordNet, without paraphrases"; once where neighbours
/// share it.
std::string notes(const std::vector<MetricColumn>& columns) {
  std::string text;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].note.empty()) continue;
    const bool shared = c + 1 < columns.size() && columns[c + 1].note == columns[c].note;
    text += columns[c].title + (shared ? ", " : ": " + columns[c].note + '\n');
  }
  return text;
}

/// "1 picture", "2 pictures".
std::string count(std::size_t number, const char* what) {
  return str(number, ' ', what, number == 1 ? "" : "s");
}

}  // namespace

std::string evaluation_table(const Evaluation& evaluation) {
  std::size_t captions = 0;
  for (const data::ReferencePicture& picture : evaluation.pictures)
    captions += picture.captions.size();
  std::string text =
      str(evaluation.references, ": ", count(evaluation.pictures.size(), "picture"), ", ",
          count(captions, "reference"), "; ",
          evaluation.raw ? "raw: split at spaces, no tokenizer" : "Penn Treebank tokens", "\n\n");
  Table table;
  std::vector<std::string> names = {""};
  for (const ScoredResults& results : evaluation.results) names.push_back(results.name);
  table.add(std::move(names));
  add_metrics(table, evaluation);
  add_diversity(table, evaluation);
  text += table.text() + '\n';
  if (evaluation.results[0].columns.empty()) return text;
  if (evaluation.results[0].columns[0].interval) {
    text += str("[low, high]: 95 % of ", evaluation.rounds, " bootstrap sets of pictures\n");
  }
  return text + explain_stars(evaluation) + notes(evaluation.results[0].columns);
}

}  // namespace scoring
