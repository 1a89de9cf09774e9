// Trees and graphs for the tests of SPICE's rules.
#pragma once

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "base/json.h"
#include "metrics/english/sentence.h"
#include "metrics/spice/dependency_graph.h"

namespace metrics::spice {

/// "a/DT/2/det cat/NN/3/nsubj sleeps/VBZ/0/root/sleep": form, tag, head, relation and, where it is
/// not the form, lemma.
inline english::Sentence tree(const std::string& text) {
  english::Sentence sentence;
  std::istringstream words(text);
  for (std::string item; words >> item;) {
    std::istringstream fields(item);
    english::Word word;
    std::string head;
    std::getline(fields, word.form, '/');
    std::getline(fields, word.tag, '/');
    std::getline(fields, head, '/');
    std::getline(fields, word.relation, '/');
    std::getline(fields, word.lemma, '/');
    if (word.lemma.empty()) word.lemma = word.form;
    word.head = std::stoi(head);
    sentence.push_back(word);
  }
  return sentence;
}

/// {"tokens": [[number, form, tag, lemma]], "edges": [[head, relation, word]]}
inline english::Sentence json_tree(const base::Json& json) {
  english::Sentence sentence;
  for (const base::Json& token : json.at("tokens")) {
    sentence.push_back({token[1].string(), token[2].string(), token[3].string(), 0, {}});
  }
  for (const base::Json& edge : json.at("edges")) {
    english::Word& word = sentence[edge[2].get<int>() - 1];
    word.head = edge[0].get<int>();
    word.relation = edge[1].string();
  }
  return sentence;
}

/// "nmod:on(cup, table)"; with a dash behind a copy: "conj:and(flies, flies')".
inline std::vector<std::string> described(const DependencyGraph& graph) {
  const auto name = [&](int node) {
    return graph.word(node).form + (graph.original(node) == node ? "" : "'");
  };
  std::vector<std::string> edges;
  for (int node = 0; node < graph.size(); ++node) {
    if (graph.is_root(node)) edges.push_back("root(" + name(node) + ")");
    for (const Edge& edge : graph.children(node)) {
      edges.push_back(edge.relation + "(" + name(node) + ", " + name(edge.dependent) + ")");
    }
  }
  return edges;
}

/// [governor, relation, dependent], sorted; negative for a copy, as SpiceOracle writes them.
using NumberedEdge = std::tuple<int, std::string, int>;

inline std::vector<NumberedEdge> numbered(const DependencyGraph& graph) {
  const auto number = [&](int node) {
    return graph.original(node) == node ? graph.number(node) : -graph.number(node);
  };
  std::vector<NumberedEdge> edges;
  for (int node = 0; node < graph.size(); ++node) {
    if (graph.is_root(node)) edges.emplace_back(0, "root", number(node));
    for (const Edge& edge : graph.children(node)) {
      edges.emplace_back(number(node), edge.relation, number(edge.dependent));
    }
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

inline std::vector<NumberedEdge> numbered(const base::Json& json) {
  std::vector<NumberedEdge> edges;
  for (const base::Json& edge : json) {
    edges.emplace_back(edge[0].get<int>(), edge[1].string(), edge[2].get<int>());
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

inline std::vector<base::Json> golden_lines(const std::string& name) {
  std::ifstream file(std::string(BLIP_SOURCE_DIR) + "/tests/metrics/golden/" + name);
  std::vector<base::Json> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(base::parse_json(line, name));
  return lines;
}

}  // namespace metrics::spice
