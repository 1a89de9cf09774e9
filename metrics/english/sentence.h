// A sentence with what the tagger, the parser and the lemmatiser add to its words.
#pragma once

#include <string>
#include <vector>

namespace metrics::english {

struct Word {
  std::string form;      ///< as written
  std::string tag;       ///< Penn Treebank part of speech: "NN", "VBZ", ...
  std::string lemma;     ///< dictionary form
  int head = 0;          ///< 1-based number of the word this one depends on; 0: it is the root
  std::string relation;  ///< Universal Dependencies v1, basic: "nsubj", "dobj", "nmod", ...
};

/// Word i of the dependency tree is sentence[i - 1].
using Sentence = std::vector<Word>;

inline std::vector<std::string> forms_of(const Sentence& sentence) {
  std::vector<std::string> forms;
  for (const Word& word : sentence) forms.push_back(word.form);
  return forms;
}

}  // namespace metrics::english
