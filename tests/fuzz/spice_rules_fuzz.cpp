// Any tree over words that SPICE's rules look for, three bytes a word. Tuples come out, their graph
// is like itself, and no graph matches more of another than there is.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "metrics/spice/concept_graph.h"
#include "metrics/spice/scene_tuples.h"

namespace {

using namespace metrics;

struct Form {
  const char *form, *tag;
};
constexpr std::array<Form, 32> kForms = {
    {{"cat", "NN"},   {"cats", "NNS"},    {"Dog", "NNP"}, {"front", "NN"}, {"lot", "NN"},
     {"lots", "NNS"}, {"sits", "VBZ"},    {"is", "VBZ"},  {"by", "IN"},    {"seen", "VBN"},
     {"red", "JJ"},   {"in", "IN"},       {"of", "IN"},   {"next", "JJ"},  {"to", "TO"},
     {"close", "RB"}, {"and", "CC"},      {"but", "CC"},  {"not", "RB"},   {"a", "DT"},
     {"the", "DT"},   {"some", "DT"},     {"it", "PRP"},  {"his", "PRP$"}, {"two", "CD"},
     {"up", "RP"},    {"riding", "VBG"},  {"as", "IN"},   {"well", "RB"},  {"on", "IN"},
     {"top", "NN"},   {"\xc3\x89", "NNP"}}};
constexpr std::array<const char*, 32> kRelations = {
    "nsubj", "nsubj",   "dobj",      "iobj", "nmod",  "nmod",         "nmod",   "nmod:poss",
    "case",  "case",    "case",      "mark", "det",   "amod",         "cc",     "cc",
    "conj",  "conj",    "acl",       "mwe",  "advcl", "acl:relcl",    "nummod", "compound",
    "aux",   "auxpass", "nsubjpass", "cop",  "xcomp", "compound:prt", "advmod", "csubj"};

/// A word hangs on one between it and the root, so that there is no cycle.
english::Sentence tree(const std::uint8_t* data, int words) {
  english::Sentence sentence;
  if (words == 0) return sentence;
  const int root = data[1] % words;
  for (int i = 0; i < words; ++i, data += 3) {
    const Form& form = kForms[data[0] % kForms.size()];
    english::Word word{form.form, form.tag, form.form, 0, kRelations[data[2] % kRelations.size()]};
    if (i < root) word.head = i + 1 + data[1] % (root - i) + 1;
    if (i > root) word.head = i - 1 - data[1] % (i - root) + 1;
    if (i == root) word.relation = "root";
    sentence.push_back(word);
  }
  return sentence;
}

spice::ConceptGraph graph(const english::Sentence& sentence) {
  spice::ConceptGraph made(nullptr);
  for (const auto& tuple : spice::scene_tuples(std::span(&sentence, 1))) made.add(tuple);
  return made;
}

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int words = static_cast<int>(std::min<std::size_t>(size / 3, 200));
  const spice::ConceptGraph all = graph(tree(data, words));
  const spice::ConceptGraph half = graph(tree(data, words / 2));
  const auto is_true = [](bool flag) { return flag; };
  const spice::GraphMatch self = spice::match(all, all);
  require(self.hypothesis.size() == all.size());
  require(std::all_of(self.hypothesis.begin(), self.hypothesis.end(), is_true));
  const spice::GraphMatch other = spice::match(half, all);
  require(other.hypothesis.size() == half.size() && other.references.size() == all.size());
  const bool any_here = std::any_of(other.hypothesis.begin(), other.hypothesis.end(), is_true);
  const bool any_there = std::any_of(other.references.begin(), other.references.end(), is_true);
  require(any_here == any_there);
  return 0;
}
