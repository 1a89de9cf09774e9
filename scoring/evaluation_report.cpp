#include "scoring/evaluation_report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <span>

#include "base/error.h"
#include "report/charts.h"
#include "report/graph_svg.h"
#include "report/html.h"
#include "report/page.h"
#include "scoring/report_pictures.h"

namespace scoring {
namespace {

using base::str;
using report::caption_html;
using report::escape_html;
using report::fixed;
using report::with_commas;

constexpr std::size_t kBestShown = 6, kCategoriesShown = 40;

std::string name_html(const ScoredResults& results, std::size_t r, bool several) {
  return str(several ? str("<span class=\"dot series", r % 5, "\"></span>") : "",
             "<span class=\"name-of\" dir=\"auto\">", escape_html(results.name), "</span>");
}

std::string count(std::size_t n, const char* one, const char* many) {
  return with_commas(static_cast<long long>(n)) + " " + (n == 1 ? one : many);
}

std::size_t reference_count(const Evaluation& evaluation) {
  return std::accumulate(
      evaluation.pictures.begin(), evaluation.pictures.end(), std::size_t{0},
      [](std::size_t sum, const auto& picture) { return sum + picture.captions.size(); });
}

// Scores

/// The greatest that a metric gives: what a full bar means.
double full_score(const MetricColumn& column) {
  return column.key.starts_with("cider") ? 10 : 1;
}

std::string meter_cell(double part) {
  return str("<td><span class=\"meter\"><i style=\"width:",
             fixed(100 * std::clamp(part, 0.0, 1.0), 1), "%\"></i></span></td>");
}

std::string difference_html(const metrics::PairedTest& test) {
  const char* stars = test.p_value < 0.001  ? " ***"
                      : test.p_value < 0.01 ? " **"
                      : test.p_value < 0.05 ? " *"
                                            : "";
  const char* kind = *stars == 0 ? "muted" : test.difference > 0 ? "better" : "worse";
  return str("<br><span class=\"", kind, "\" title=\"p = ", fixed(test.p_value, 4), ", 95 % ",
             fixed(test.interval.low, 4), " to ", fixed(test.interval.high, 4), "\">",
             test.difference >= 0 ? "+" : "−", fixed(std::abs(test.difference), 4), stars,
             "</span>");
}

std::string score_cell(const Evaluation& evaluation, std::size_t r, std::size_t c) {
  const MetricColumn& column = evaluation.results[r].columns[c];
  std::string html = str("<td><b>", fixed(column.scores.corpus, 4), "</b>");
  if (column.interval) {
    html += str(" <span class=\"interval\">", fixed(column.interval->low, 4), "–",
                fixed(column.interval->high, 4), "</span>");
  }
  if (r > 0 && !evaluation.comparisons.empty()) {
    html += difference_html(evaluation.comparisons[r][c]);
  }
  return html + "</td>";
}

std::string summary(const Evaluation& evaluation) {
  const std::vector<MetricColumn>& columns = evaluation.results[0].columns;
  const bool several = evaluation.results.size() > 1;
  std::string html =
      "<h2 id=\"scores\">Scores</h2><div class=\"scroll\"><table><thead><tr><th>Metric</th>";
  for (std::size_t r = 0; r < evaluation.results.size(); ++r) {
    html += "<th>" + name_html(evaluation.results[r], r, several) + "</th>";
  }
  html += str(several ? "" : "<th></th>", "</tr></thead><tbody>");
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::string note = escape_html(columns[c].note);
    html += str("<tr><td>", escape_html(columns[c].title),
                note.empty() ? "" : "<span class=\"note\">" + note + "</span>", "</td>");
    for (std::size_t r = 0; r < evaluation.results.size(); ++r)
      html += score_cell(evaluation, r, c);
    if (!several) {
      html += meter_cell(columns[c].scores.corpus / full_score(columns[c]));
    }
    html += "</tr>";
  }
  html += "</tbody></table></div>";
  html += "<p class=\"lead\">From 0 to 1, CIDEr from 0 to 10; more is better.";
  if (evaluation.rounds > 0 && columns.size() > 0 && columns[0].interval) {
    html += str(" Ranges: 95 % of ", with_commas(evaluation.rounds),
                " sets of pictures drawn with replacement.");
  }
  if (several && !evaluation.comparisons.empty()) {
    html +=
        " Below a score: the difference from the first file, with * for p &lt; 0.05, ** for "
        "p &lt; 0.01, *** for p &lt; 0.001 (approximate randomisation).";
  }
  return html + "</p>";
}

std::string histogram(const Evaluation& evaluation, std::size_t c) {
  std::vector<std::span<const double>> series;
  for (const ScoredResults& results : evaluation.results) {
    series.emplace_back(results.columns[c].scores.images);
  }
  return report::histogram_svg(evaluation.results[0].columns[c].title, series);
}

std::string distributions(const Evaluation& evaluation) {
  const bool several = evaluation.results.size() > 1;
  std::string html =
      "<h2 id=\"distributions\">Pictures by score</h2><p class=\"lead\">How many pictures scored "
      "what; the dashed line is their mean, which is the score of the set for all but BLEU and "
      "METEOR.</p><div class=\"charts\">";
  for (std::size_t c = 0; c < evaluation.results[0].columns.size(); ++c) {
    html += "<figure><figcaption>" + escape_html(evaluation.results[0].columns[c].title) + "<span>";
    for (std::size_t r = 0; r < evaluation.results.size(); ++r) {
      html += str(several ? str(" <span class=\"dot series", r % 5, "\"></span>") : "",
                  fixed(evaluation.results[r].columns[c].scores.corpus, 4));
    }
    html += "</span></figcaption>" + histogram(evaluation, c) + "</figure>";
  }
  return html + "</div>";
}

// Pictures

std::string cards(const Evaluation& evaluation, const std::vector<std::size_t>& pictures,
                  const ReportOptions& options) {
  std::string html = "<div class=\"cards\">\n";
  for (const std::size_t picture : pictures) html += picture_card(evaluation, picture, options);
  return html + "</div>";
}

std::string best_and_worst(const Evaluation& evaluation, const ReportOptions& options) {
  const std::size_t column = ranking_column(evaluation);
  const std::vector<std::size_t> order = ranked(evaluation, column);
  const std::string title = escape_html(evaluation.results[0].columns[column].title);
  const bool several = evaluation.results.size() > 1;
  std::string html =
      str("<h2 id=\"pictures\">Best and worst</h2><p class=\"lead\">By ", title,
          several ? " of the first file. Marked: words in which a file's caption differs from the "
                    "first's, and the first's from the second's."
                  : ". Marked: words that no reference has.",
          "</p>");
  if (order.size() <= 2 * kBestShown) return html + cards(evaluation, order, options);
  const auto shown = static_cast<std::ptrdiff_t>(kBestShown);
  html += "<h3>Best</h3>" + cards(evaluation, {order.begin(), order.begin() + shown}, options);
  return html + "<h3>Worst</h3>" +
         cards(evaluation, {order.rbegin(), order.rbegin() + shown}, options);
}

/// Where a file of results gained and lost most against the first.
std::string changes(const Evaluation& evaluation, std::size_t r, const ReportOptions& options) {
  const std::size_t column = ranking_column(evaluation);
  const auto gain = [&](std::size_t picture) {
    return evaluation.results[r].columns[column].scores.images[picture] -
           evaluation.results[0].columns[column].scores.images[picture];
  };
  std::vector<std::size_t> order(evaluation.pictures.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return gain(a) > gain(b); });
  std::vector<std::size_t> gained, lost;
  for (std::size_t i = 0; i < std::min(order.size(), kBestShown); ++i) {
    if (gain(order[i]) > 0) gained.push_back(order[i]);
    if (gain(order.rbegin()[i]) < 0) lost.push_back(order.rbegin()[i]);
  }
  const auto better = std::count_if(order.begin(), order.end(),
                                    [&](std::size_t picture) { return gain(picture) > 0; });
  const auto worse = std::count_if(order.begin(), order.end(),
                                   [&](std::size_t picture) { return gain(picture) < 0; });
  const std::string name = name_html(evaluation.results[r], r, true);
  std::string html = str("<h3>", name, "</h3><p class=\"lead\">Better than the first file on ",
                         count(better, "picture", "pictures"), ", worse on ", with_commas(worse),
                         ", equal on ", with_commas(std::ssize(order) - better - worse), ".</p>");
  if (!gained.empty()) html += "<h3>Gained most</h3>" + cards(evaluation, gained, options);
  if (!lost.empty()) html += "<h3>Lost most</h3>" + cards(evaluation, lost, options);
  return html;
}

std::string all_changes(const Evaluation& evaluation, const ReportOptions& options) {
  std::string html =
      str("<h2 id=\"changes\">Where the files differ most</h2><p class=\"lead\">By ",
          escape_html(evaluation.results[0].columns[ranking_column(evaluation)].title), ".</p>");
  for (std::size_t r = 1; r < evaluation.results.size(); ++r) {
    html += changes(evaluation, r, options);
  }
  return html;
}

// Categories

std::string categories(const Evaluation& evaluation) {
  std::map<std::string, std::vector<std::uint32_t>> members;
  for (std::uint32_t i = 0; i < evaluation.pictures.size(); ++i) {
    if (!evaluation.pictures[i].category.empty()) {
      members[evaluation.pictures[i].category].push_back(i);
    }
  }
  if (members.empty()) return "";
  std::vector<const std::pair<const std::string, std::vector<std::uint32_t>>*> order;
  for (const auto& entry : members) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(),
                   [](auto* a, auto* b) { return a->second.size() > b->second.size(); });
  const bool several = evaluation.results.size() > 1;
  // A full bar is the best category of all files.
  const std::size_t column = ranking_column(evaluation);
  const auto score_in = [&](std::size_t r, std::size_t i) {
    return metrics::score_of(evaluation.results[r].columns[column].scores, order[i]->second);
  };
  const std::size_t shown = std::min(order.size(), kCategoriesShown);
  double best = 1e-9;
  for (std::size_t r = 0; r < evaluation.results.size(); ++r) {
    for (std::size_t i = 0; i < shown; ++i) best = std::max(best, score_in(r, i));
  }
  std::string html = "<h2 id=\"categories\">By category</h2>";
  for (std::size_t r = 0; r < evaluation.results.size(); ++r) {
    if (several) html += "<h3>" + name_html(evaluation.results[r], r, true) + "</h3>";
    html += "<div class=\"scroll\"><table><thead><tr><th>Category</th><th>Pictures</th>";
    for (const MetricColumn& metric : evaluation.results[r].columns) {
      html += "<th>" + escape_html(metric.title) + "</th>";
    }
    html += str("<th>", escape_html(evaluation.results[r].columns[column].title),
                "</th></tr></thead><tbody>");
    for (std::size_t i = 0; i < shown; ++i) {
      html += str("<tr><td>", caption_html(order[i]->first), "</td><td>",
                  with_commas(std::ssize(order[i]->second)), "</td>");
      for (const MetricColumn& metric : evaluation.results[r].columns) {
        html += "<td>" + fixed(metrics::score_of(metric.scores, order[i]->second), 3) + "</td>";
      }
      html += meter_cell(score_in(r, i) / best) + "</tr>";
    }
    html += "</tbody></table></div>";
  }
  if (order.size() > kCategoriesShown) {
    html += str("<p class=\"muted\">The ", kCategoriesShown, " largest of ", order.size(),
                " categories.</p>");
  }
  return html;
}

// Scene graphs

/// The one asked for, or the one that scored in the middle.
std::size_t chosen_picture(const Evaluation& evaluation, const std::string& id) {
  if (!id.empty()) return find_picture(evaluation, id);
  const std::vector<std::size_t> order = ranked(evaluation, ranking_column(evaluation));
  return order[order.size() / 2];
}

/// A graph with the flags of metrics::tuples(graph) where they belong.
report::Graph drawn(const metrics::SceneGraph& graph, const std::vector<bool>& matched) {
  report::Graph result;
  auto flag = matched.begin();
  for (const metrics::SceneGraph::Object& object : graph.objects) {
    result.objects.push_back({.name = {object.name, *flag++}, .attributes = {}});
    for (const std::string& attribute : object.attributes) {
      result.objects.back().attributes.push_back({attribute, *flag++});
    }
  }
  for (const metrics::SceneGraph::Relation& relation : graph.relations) {
    result.relations.push_back({relation.subject, relation.object, {relation.name, *flag++}});
  }
  return result;
}

std::string scene_graphs(const Evaluation& evaluation, const ReportOptions& options) {
  const std::size_t picture = chosen_picture(evaluation, options.picture);
  std::string html = str(
      "<h2 id=\"graphs\">Scene graphs</h2><p class=\"lead\">What SPICE compares, for one picture: "
      "objects are boxes, attributes pills, relations arrows. Ticked and solid is what both sides "
      "say. Names with slashes mean the same and were merged.</p><div class=\"cards\">",
      picture_card(evaluation, picture, options), "</div>");
  for (std::size_t r = 0; r < evaluation.results.size(); ++r) {
    const metrics::SpiceResult result = options.spice->score(sample_of(evaluation, r, picture));
    const bool several = evaluation.results.size() > 1;
    const auto matched =
        std::count(result.hypothesis_matched.begin(), result.hypothesis_matched.end(), true);
    html += str(several ? "<h3>" + name_html(evaluation.results[r], r, true) + "</h3>" : "", "<p>",
                matched, " of ", result.hypothesis_matched.size(),
                " tuples of the caption match; the references have ",
                result.references_matched.size(), ". Precision ", fixed(result.precision, 3),
                ", recall ", fixed(result.recall, 3), ", SPICE <b>", fixed(result.f, 3),
                "</b>.</p><div class=\"graphs\"><figure><figcaption>The caption</figcaption>"
                "<div class=\"scroll\">",
                report::graph_svg(drawn(result.hypothesis, result.hypothesis_matched)),
                "</div></figure><figure><figcaption>The references together</figcaption>"
                "<div class=\"scroll\">",
                report::graph_svg(drawn(result.references, result.references_matched)),
                "</div></figure></div>");
  }
  return html;
}

// Diversity

std::string diversity(const Evaluation& evaluation) {
  const bool several = evaluation.results.size() > 1;
  std::string html =
      "<h2 id=\"diversity\">Diversity</h2><p class=\"lead\">How varied the captions are, whatever "
      "the pictures show.</p><div class=\"scroll\"><table><thead><tr><th></th>";
  for (std::size_t r = 0; r < evaluation.results.size(); ++r) {
    html += "<th>" + name_html(evaluation.results[r], r, several) + "</th>";
  }
  html += "</tr></thead><tbody>";
  const auto row = [&](const std::string& title, const auto& value) {
    html += "<tr><td>" + title + "</td>";
    for (const ScoredResults& results : evaluation.results) {
      html += "<td>" + value(results.diversity) + "</td>";
    }
    html += "</tr>";
  };
  using metrics::Diversity;
  row("Captions", [](const Diversity& d) { return with_commas(d.captions); });
  row("Different captions", [](const Diversity& d) { return with_commas(d.distinct_captions); });
  row("Words", [](const Diversity& d) { return with_commas(d.words); });
  row("Vocabulary", [](const Diversity& d) { return with_commas(d.vocabulary); });
  row("Words a caption", [](const Diversity& d) { return fixed(d.mean_length, 2); });
  row("Shortest to longest",
      [](const Diversity& d) { return with_commas(d.shortest) + "–" + with_commas(d.longest); });
  for (std::size_t n = 0; n < 4; ++n) {
    row(str("Distinct-", n + 1), [n](const Diversity& d) { return fixed(d.distinct[n], 4); });
  }
  row("Self-repetition", [](const Diversity& d) { return fixed(d.self_repetition, 4); });
  return html + "</tbody></table></div>";
}

std::string heading(const Evaluation& evaluation) {
  std::string names;
  const bool several = evaluation.results.size() > 1;
  for (std::size_t r = 0; r < evaluation.results.size(); ++r) {
    names += (r > 0 ? ", " : "") + name_html(evaluation.results[r], r, several);
  }
  std::string html =
      str("<h1>How good are the captions?</h1><p class=\"lead\">", names, " against ",
          "<span class=\"name-of\" dir=\"auto\">", escape_html(evaluation.references),
          "</span>: ", count(evaluation.pictures.size(), "picture", "pictures"), ", ",
          count(reference_count(evaluation), "reference", "references"), ".");
  if (evaluation.raw) {
    html +=
        " <b>Raw</b>: captions were split at spaces, without the tokenizer, so these numbers "
        "do not compare with published ones.";
  }
  html += "</p>";
  for (const std::string& warning : evaluation.warnings) {
    html += "<p class=\"warning\">" + escape_html(warning) + "</p>";
  }
  return html;
}

}  // namespace

std::string evaluation_report(const Evaluation& evaluation, const ReportOptions& options) {
  report::Page page{.title = "Captions against " + evaluation.references,
                    .heading = heading(evaluation),
                    .sections = {},
                    .footer =
                        "Written by blip evaluate. The page is one file: nothing is loaded "
                        "from the network."};
  const auto add = [&](const char* anchor, const char* title, const std::string& section) {
    page.sections.push_back({.anchor = anchor, .title = title, .html = section});
  };
  if (!evaluation.results[0].columns.empty() && !evaluation.pictures.empty()) {
    add("scores", "Scores", summary(evaluation));
    add("distributions", "Pictures by score", distributions(evaluation));
    add("pictures", "Best and worst", best_and_worst(evaluation, options));
    if (evaluation.results.size() > 1) add("changes", "Changes", all_changes(evaluation, options));
    add("categories", "Categories", categories(evaluation));
    if (options.spice) add("graphs", "Scene graphs", scene_graphs(evaluation, options));
  }
  add("diversity", "Diversity", diversity(evaluation));
  return report::page_html(page);
}

}  // namespace scoring
