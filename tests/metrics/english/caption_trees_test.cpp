// The captions that the parser is measured on (tests/metrics/golden/caption_trees.jsonl): every one
// a tree, in labels and tags that the treebank has, annotated the way the treebank does it.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "metrics/english/sentence.h"
#include "metrics/english/treebank.h"

namespace {

using metrics::english::Sentence;
using metrics::english::Word;

std::vector<Sentence> captions() {
  return metrics::english::read_treebank(std::filesystem::path(BLIP_SOURCE_DIR) /
                                         "tests/metrics/golden/caption_trees.jsonl");
}

std::string text(const Sentence& sentence) {
  std::string words;
  for (const Word& word : sentence) words += (words.empty() ? "" : " ") + word.form;
  return words;
}

bool is_noun(const Word& word) {
  return word.tag == "NN" || word.tag == "NNS" || word.tag == "NNP";
}
bool is_verb(const Word& word) {
  return word.tag.starts_with("VB");
}

TEST(CaptionTrees, AreAtLeast120DifferentTreesWithOneRoot) {
  std::set<std::string> texts;
  for (const Sentence& caption : captions()) {
    texts.insert(text(caption));
    int roots = 0;
    for (const Word& word : caption) {
      roots += word.head == 0;
      EXPECT_EQ(word.head == 0, word.relation == "root") << text(caption);
      EXPECT_FALSE(word.lemma.empty()) << text(caption);
    }
    EXPECT_EQ(roots, 1) << text(caption);
    EXPECT_TRUE(metrics::english::is_projective(caption)) << text(caption);
  }
  EXPECT_GE(texts.size(), 120u);
  EXPECT_EQ(texts.size(), captions().size()) << "a caption stands in the file twice";
}

TEST(CaptionTrees, UseTheLabelsAndTagsOfTheTreebank) {
  const std::set<std::string> relations = {
      "acl",  "acl:relcl", "advcl",     "advmod", "amod",     "aux",  "auxpass",
      "case", "cc",        "ccomp",     "conj",   "compound", "cop",  "compound:prt",
      "det",  "dobj",      "expl",      "iobj",   "mark",     "mwe",  "neg",
      "nmod", "nmod:poss", "nsubjpass", "nsubj",  "nummod",   "root", "xcomp"};
  const std::set<std::string> tags = {"CC",  "CD",  "DT",  "EX",   "IN",  "JJ", "NN", "NNP",
                                      "NNS", "POS", "PRP", "PRP$", "RB",  "RP", "TO", "VB",
                                      "VBG", "VBN", "VBP", "VBZ",  "WDT", "WP", "WP$"};
  for (const Sentence& caption : captions())
    for (const Word& word : caption) {
      EXPECT_TRUE(relations.contains(word.relation)) << word.relation << ": " << text(caption);
      EXPECT_TRUE(tags.contains(word.tag)) << word.tag << ": " << text(caption);
    }
}

// Slips of the pen that leave a tree a tree: a head one word too far, an auxiliary on a noun.
TEST(CaptionTrees, HangWordsOnHeadsThatCanBearThem) {
  for (const Sentence& caption : captions())
    for (int number = 1; number <= static_cast<int>(caption.size()); ++number) {
      const Word& word = caption[number - 1];
      if (word.head == 0) continue;
      const Word& head = caption[word.head - 1];
      const bool before = number < word.head;
      const std::string where = word.form + " in: " + text(caption);
      if (word.relation == "det" || word.relation == "compound" || word.relation == "nmod:poss") {
        EXPECT_TRUE(before && is_noun(head)) << where;
      }
      if (word.relation == "aux" || word.relation == "auxpass") {
        EXPECT_TRUE(before && is_verb(head)) << where;
      }
      if (word.relation == "case") {
        EXPECT_EQ(before, word.tag != "POS") << where;
      }
      if (word.relation == "acl") {
        EXPECT_TRUE(!before && is_noun(head) && is_verb(word)) << where;
      }
      if (word.relation == "dobj") {
        EXPECT_TRUE(!before && is_verb(head)) << where;
      }
      if (word.relation == "cc" || word.relation == "conj" || word.relation == "nmod") {
        EXPECT_FALSE(before) << where;
      }
    }
}

}  // namespace
