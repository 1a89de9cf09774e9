#include "scoring/report_pictures.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "base/error.h"
#include "metrics/lcs.h"
#include "report/html.h"
#include "report/picture.h"

namespace fs = std::filesystem;

namespace scoring {
namespace {

using base::str;
using report::caption_html;
using report::cut_caption;
using report::escape_html;
using report::fixed;

constexpr std::size_t kReferencesShown = 6;

/// The file of a picture in the folder: under its whole name, or its name without folders. A name
/// that leads out of the folder is none.
std::optional<fs::path> picture_file(const fs::path& folder,
                                     const data::ReferencePicture& picture) {
  const fs::path name = fs::path(picture.file_name).lexically_normal();
  if (folder.empty() || name.empty() || name.filename().empty()) return std::nullopt;
  std::error_code absent;
  const bool inside = name.is_relative() && *name.begin() != "..";
  if (inside && fs::is_regular_file(folder / name, absent)) return folder / name;
  if (fs::is_regular_file(folder / name.filename(), absent)) return folder / name.filename();
  return std::nullopt;
}

std::string picture_html(const data::ReferencePicture& picture, const ReportOptions& options) {
  const std::optional<fs::path> file = picture_file(options.images, picture);
  return file ? report::picture_html(*file, "picture " + picture.id, options.output) : "";
}

std::string lower(std::string word) {
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  while (!word.empty() && std::string_view(".,;:!?").find(word.back()) != std::string_view::npos) {
    word.pop_back();
  }
  return word;
}

std::vector<std::string> words_of(const std::string& caption) {
  std::vector<std::string> words = cut_caption(caption).words;
  for (std::string& word : words) word = lower(std::move(word));
  return words;
}

/// Words of the caption that none of the references has.
std::vector<bool> words_of_its_own(const std::string& caption,
                                   const std::vector<std::string>& references) {
  std::set<std::string> known;
  for (const std::string& reference : references) {
    const std::vector<std::string> words = words_of(reference);
    known.insert(words.begin(), words.end());
  }
  std::vector<bool> own;
  for (const std::string& word : words_of(caption)) own.push_back(!known.contains(word));
  return own;
}

std::string scores_html(const ScoredResults& results, std::size_t picture) {
  std::string html = "<span class=\"scores\">";
  for (const MetricColumn& column : results.columns) {
    html += str("<span class=\"score\">", escape_html(column.title), " <b>",
                fixed(column.scores.images[picture], 3), "</b></span> ");
  }
  return html + "</span>";
}

}  // namespace

std::size_t ranking_column(const Evaluation& evaluation) {
  const std::vector<MetricColumn>& columns = evaluation.results[0].columns;
  for (const char* key : {"cider_d", "cider", "spice", "meteor", "rouge_l", "bleu_4"}) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (columns[c].key == key) return c;
    }
  }
  return 0;
}

std::vector<std::size_t> ranked(const Evaluation& evaluation, std::size_t column) {
  const std::vector<double>& scores = evaluation.results[0].columns[column].scores.images;
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  return order;
}

std::string picture_card(const Evaluation& evaluation, std::size_t picture,
                         const ReportOptions& options) {
  const data::ReferencePicture& reference = evaluation.pictures[picture];
  const bool several = evaluation.results.size() > 1;
  const std::string name =
      reference.file_name.empty() || reference.file_name == reference.id ? "" : reference.file_name;
  std::string html = str(
      "<article class=\"card\">", picture_html(reference, options),
      "<div class=\"text\"><p class=\"id\">", caption_html(reference.id),
      name.empty() ? "" : " · " + caption_html(name),
      reference.category.empty() ? "" : " · category " + caption_html(reference.category), "</p>");
  for (std::size_t r = 0; r < evaluation.results.size(); ++r) {
    const ScoredResults& results = evaluation.results[r];
    const std::string& caption = results.captions[picture];
    // The first file's caption shows what the second's lacks, every other what the first's lacks.
    const std::vector<bool> marked =
        several
            ? metrics::different_words(
                  words_of(caption), words_of(evaluation.results[r == 0 ? 1 : 0].captions[picture]))
            : words_of_its_own(caption, reference.captions);
    html += str("<div class=\"hypothesis series", r % 5, "\">",
                several ? str("<span class=\"source\">", escape_html(results.name), "</span>") : "",
                caption_html(caption, marked), scores_html(results, picture), "</div>");
  }
  html += "<ul class=\"references\">";
  const std::size_t shown = std::min(reference.captions.size(), kReferencesShown);
  for (std::size_t i = 0; i < shown; ++i) {
    html += "<li>" + caption_html(reference.captions[i]) + "</li>";
  }
  if (shown < reference.captions.size()) {
    html += str("<li class=\"muted\">and ", reference.captions.size() - shown, " more</li>");
  }
  return html + "</ul></div></article>\n";
}

}  // namespace scoring
