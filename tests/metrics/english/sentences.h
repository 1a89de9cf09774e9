// Short ways to write trees in tests, the trees to measure on, and where the project's model lies.
#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "metrics/english/arc_training.h"
#include "metrics/english/sentence.h"
#include "metrics/english/treebank.h"
#include "tests/metrics/gzip_lines.h"
#include "tests/shared.h"
#include "tests/temporary_folder.h"

namespace metrics::english {

/// From "form/tag<relation:head ..."
inline Sentence tree(const std::string& text) {
  Sentence sentence;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const std::size_t colon = word.rfind(':'), less = word.rfind('<'),
                      slash = word.rfind('/', less);
    sentence.push_back({.form = word.substr(0, slash),
                        .tag = word.substr(slash + 1, less - slash - 1),
                        .lemma = "",
                        .head = std::stoi(word.substr(colon + 1)),
                        .relation = word.substr(less + 1, colon - less - 1)});
  }
  return sentence;
}

/// The other way round.
inline std::string drawn(const Sentence& sentence) {
  std::string text;
  for (const Word& word : sentence) {
    text += (text.empty() ? "" : " ") + word.form + '/' + word.tag + '<' + word.relation + ':' +
            std::to_string(word.head);
  }
  return text;
}

/// Words separated by spaces, without tags.
inline Sentence words(const std::string& text) {
  Sentence sentence;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) {
    sentence.push_back({.form = word, .tag = "", .lemma = "", .head = 0, .relation = ""});
  }
  return sentence;
}

/// Trees that a parser learns in no time.
inline const std::vector<Sentence>& few_trees() {
  static const std::vector<Sentence> trees = {
      tree("the/DT<det:2 dog/NN<nsubj:3 barks/VBZ<root:0"),
      tree("a/DT<det:2 cat/NN<nsubj:3 sleeps/VBZ<root:0 here/RB<advmod:3"),
      tree("black/JJ<amod:2 boots/NNS<root:0 with/IN<case:4 laces/NNS<nmod:2"),
      tree("she/PRP<nsubj:2 sleeps/VBZ<root:0 with/IN<case:5 the/DT<det:5 cat/NN<nmod:2"),
      // not projective: "today" hangs on "barks" across "that", which hangs on "dog"
      tree("dogs/NNS<nsubj:2 bark/VBP<root:0 today/NN<nmod:2 that/WDT<nsubj:5 "
           "bite/VBP<acl:relcl:1")};
  return trees;
}

/// A network for such trees.
inline ArcTraining small_network() {
  ArcTraining training;
  training.epochs = 300;
  training.width = 16;
  training.hidden = 32;
  return training;
}

inline std::filesystem::path parser_folder() {
  return std::filesystem::path(BLIP_SOURCE_DIR) / "weights" / "parser";
}

/// Captions annotated by hand, which no model has learnt from.
inline std::vector<Sentence> caption_trees() {
  return read_treebank(std::filesystem::path(BLIP_SOURCE_DIR) /
                       "tests/metrics/golden/caption_trees.jsonl");
}

/// The development set of English-EWT; only where shared::available().
inline std::vector<Sentence> development_set() {
  std::string content;
  for (const std::string& line :
       gzip_lines(shared::path("reference/language/en_ewt-v1-dev.jsonl.gz"))) {
    content += line + '\n';
  }
  const TemporaryFolder folder;
  return read_treebank(folder.write("dev.jsonl", content));
}

}  // namespace metrics::english
