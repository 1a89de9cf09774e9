#include "metrics/spice/reference_resolution.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/english/unicode.h"
#include "metrics/spice/prepositions.h"

namespace metrics::spice {
namespace {

/// "a lot of cats"
constexpr std::array<std::string_view, 33> kAfterArticle = {
    "array",     "assortment", "bit",     "bunch",    "clutch", "couple", "dozen",
    "form",      "handful",    "heap",    "kind",     "litany", "lot",    "mountain",
    "multitude", "number",     "pair",    "plethora", "range",  "series", "sheaf",
    "slew",      "sort",       "spate",   "string",   "ton",    "total",  "triple",
    "type",      "variety",    "version", "wad",      "wave"};

/// "lots of cats"; also "1920s of".
constexpr std::array<std::string_view, 16> kPlural = {
    "billions",   "dozens", "hundreds", "loads",   "lots", "many",      "millions", "mountains",
    "multitudes", "pairs",  "plenty",   "several", "tens", "thousands", "tons",     "trillions"};

/// "some of the cats", "all of them"; also "12 of".
constexpr std::array<std::string_view, 21> kPart = {
    "all",     "billion", "both",    "eight",    "everyone", "five",     "four",
    "hundred", "million", "neither", "nine",     "nobody",   "one",      "seven",
    "six",     "some",    "ten",     "thousand", "three",    "trillion", "two"};

constexpr std::array<std::string_view, 20> kSingularPronouns = {
    "i",   "me",  "myself",  "mine", "my", "yourself", "he",  "him", "himself", "his",
    "she", "her", "herself", "hers", "it", "itself",   "its", "one", "oneself", "one's"};

bool is_in(std::span<const std::string_view> list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "lot", "of" and "cats" of "a lot of cats".
struct Quantified {
  int quantity, of, noun;
};

/// The nouns and pronouns with "of" right behind a quantity.
std::vector<Quantified> find_quantified(const DependencyGraph& graph, int quantity) {
  std::vector<Quantified> found;
  for (const Edge& edge : graph.children(quantity)) {
    const std::string& tag = graph.word(edge.dependent).tag;
    if (!edge.relation.starts_with("nmod") || (!tag.starts_with("NN") && !tag.starts_with("PRP"))) {
      continue;
    }
    for (const int of : graph.children(edge.dependent, "case")) {
      if (graph.number(of) == graph.number(quantity) + 1 &&
          english::lower(graph.word(of).form) == "of") {
        found.push_back({quantity, of, edge.dependent});
      }
    }
  }
  return found;
}

std::vector<int> children_before(const DependencyGraph& graph, int node,
                                 std::string_view relation = {}) {
  std::vector<int> found;
  for (const Edge& edge : graph.children(node)) {
    if (graph.number(edge.dependent) < graph.number(node) &&
        (relation.empty() || edge.relation == relation)) {
      found.push_back(edge.dependent);
    }
  }
  return found;
}

/// "a whole lot of cats": the expression is "a", "whole", "lot", "of".
void promote(DependencyGraph& graph, const Quantified& found, std::vector<int> expression) {
  const auto [quantity, of, noun] = found;
  if (graph.is_root(quantity)) {
    graph.set_root(quantity, false);
    graph.set_root(noun, true);
  } else if (const int governor = graph.parent(quantity); governor >= 0) {
    graph.add({governor, noun, graph.edge(governor, quantity)->relation});
  } else {
    return;  // it hangs on what an earlier promotion cut off
  }
  if (const Edge* edge = graph.edge(quantity, noun)) graph.remove(Edge(*edge));
  expression.insert(expression.end(), {quantity, of});
  std::sort(expression.begin(), expression.end(),
            [&](int a, int b) { return graph.number(a) < graph.number(b); });
  expression.erase(std::unique(expression.begin(), expression.end()), expression.end());
  make_expression(graph, noun, "det:qmod", expression);
}

void promote_after_article(DependencyGraph& graph) {
  const DependencyGraph before = graph;
  for (const int quantity : before.in_rule_order()) {
    if (!is_in(kAfterArticle, english::lower(before.word(quantity).form))) continue;
    const std::vector<Quantified> found = find_quantified(before, quantity);
    if (found.empty()) continue;
    for (const int article : before.children(quantity, "det")) {
      const std::string form = english::lower(before.word(article).form);
      if (form != "a" && form != "an") continue;
      std::vector<int> expression = children_before(graph, quantity, "amod");
      expression.push_back(article);
      promote(graph, found.front(), std::move(expression));
      break;
    }
  }
}

void promote_plural(DependencyGraph& graph) {
  const DependencyGraph before = graph;
  for (const int quantity : before.in_rule_order()) {
    const std::string form = english::lower(before.word(quantity).form);
    if (!is_in(kPlural, form) &&
        !(form.ends_with('s') && is_digits(form.substr(0, form.size() - 1)))) {
      continue;
    }
    const std::vector<Quantified> found = find_quantified(before, quantity);
    if (!found.empty()) promote(graph, found.front(), children_before(graph, quantity));
  }
}

void promote_part(DependencyGraph& graph) {
  const DependencyGraph before = graph;
  // "of the cats", with an article right behind "of", comes before "of them".
  const auto has_article = [&](const Quantified& found) {
    const std::vector<int> articles = before.children(found.noun, "det");
    return before.word(found.noun).tag.starts_with("NN") &&
           std::any_of(articles.begin(), articles.end(), [&](int article) {
             return before.number(article) == before.number(found.of) + 1;
           });
  };
  const auto is_pronoun = [&](const Quantified& found) {
    return before.word(found.noun).tag.starts_with("PRP");
  };
  for (const int quantity : before.in_rule_order()) {
    const std::string form = english::lower(before.word(quantity).form);
    if (!is_in(kPart, form) && !is_digits(form)) continue;
    const std::vector<Quantified> all = find_quantified(before, quantity);
    auto found = std::find_if(all.begin(), all.end(), has_article);
    if (found == all.end()) found = std::find_if(all.begin(), all.end(), is_pronoun);
    if (found != all.end()) promote(graph, *found, children_before(graph, quantity));
  }
}

/// The first noun, breadth first from the root; with `singular` none in the plural.
std::optional<int> noun_nearest_to_root(const DependencyGraph& graph, bool singular) {
  if (graph.root() < 0) return std::nullopt;
  std::vector<int> queue = {graph.root()};
  std::vector<bool> seen(graph.size());
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const int node = queue[i];
    if (seen[node]) continue;
    seen[node] = true;
    if (graph.is_noun(node) && !(singular && graph.is_plural_noun(node))) return node;
    std::vector<int> next;
    for (const Edge& edge : graph.children(node)) next.push_back(edge.dependent);
    std::stable_sort(next.begin(), next.end(),
                     [&](int a, int b) { return graph.number(a) < graph.number(b); });
    queue.insert(queue.end(), next.begin(), next.end());
  }
  return std::nullopt;
}

}  // namespace

void promote_quantified_nouns(DependencyGraph& graph) {
  promote_after_article(graph);
  promote_plural(graph);
  promote_part(graph);
}

void resolve_pronouns(DependencyGraph& graph) {
  struct Resolved {
    int pronoun, noun;
  };
  std::vector<Resolved> resolved;
  for (int node = 1; node < graph.words(); ++node) {
    const english::Word& word = graph.word(node);
    if (!word.tag.starts_with("PRP") || graph.parent(node) < 0) continue;
    const std::optional<int> noun =
        noun_nearest_to_root(graph, is_in(kSingularPronouns, word.form));
    if (noun && graph.number(*noun) < graph.number(node)) {
      resolved.push_back({node, graph.original(*noun)});
    }
  }
  for (const auto [pronoun, noun] : resolved) {
    for (const Edge& edge : graph.parents(pronoun)) {
      graph.remove(edge);
      graph.add({edge.governor, noun, edge.relation});
    }
    const std::vector<Edge> children = graph.children(pronoun);
    for (const Edge& edge : children) {
      graph.remove(edge);
      graph.add({noun, edge.dependent, edge.relation});
    }
  }
}

}  // namespace metrics::spice
