#include "metrics/english/treebank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "tests/metrics/english/sentences.h"
#include "tests/temporary_folder.h"

namespace metrics::english {
namespace {

using testing::HasSubstr;

std::vector<Sentence> read(const std::string& content) {
  const TemporaryFolder folder;
  return read_treebank(folder.write("trees.jsonl", content));
}

/// The error of a tree with these tokens and edges.
std::string error_with(const std::string& tokens, const std::string& edges) {
  return error_of<base::FormatError>(
      [&] { read(R"({"tokens": )" + tokens + R"(, "edges": )" + edges + "}\n"); });
}

TEST(Treebank, ReadsTrees) {
  const auto trees = read(
      R"({"id": "a", "text": "Dogs bark", "tokens": [[1, "Dogs", "NNS", "dog"], [2, "bark", "VBP", )"
      R"("bark"]], "edges": [[2, "nsubj", 1], [0, "root", 2]]})"
      "\n"
      R"({"tokens": [[1, "Yes", "UH", "yes"]], "edges": [[0, "root", 1]]})");
  ASSERT_EQ(trees.size(), 2);
  EXPECT_EQ(drawn(trees[0]), "Dogs/NNS<nsubj:2 bark/VBP<root:0");
  EXPECT_EQ(trees[0][0].lemma, "dog");
  EXPECT_EQ(drawn(trees[1]), "Yes/UH<root:0");
}

TEST(Treebank, NamesWhatIsWrong) {
  const std::string two = R"([[1, "a", "DT", "a"], [2, "b", "NN", "b"]])";
  EXPECT_THAT(error_with(two, R"([[0, "root", 2]])"),
              HasSubstr("trees.jsonl, line 1: word 1 has no head"));
  EXPECT_THAT(error_with(two, R"([[2, "x", 1], [1, "x", 2]])"), HasSubstr("depends on itself"));
  EXPECT_THAT(error_with(two, R"([[0, "root", 1], [0, "root", 2]])"),
              HasSubstr("words 1 and 2 are both roots"));
  EXPECT_THAT(error_with(two, R"([[0, "root", 1], [1, "x", 1]])"),
              HasSubstr("word 1 has two heads"));
  EXPECT_THAT(error_with(two, R"([[3, "x", 1], [0, "root", 2]])"),
              HasSubstr("edges[0][0] is 3, expected an integer from 0 to 2"));
  EXPECT_THAT(error_with(two, R"([["2", "x", 1], [0, "root", 2]])"),
              HasSubstr("edges[0][0] is \"2\""));
  EXPECT_THAT(error_with(two, R"([[2, "x", 0], [0, "root", 2]])"), HasSubstr("edges[0][2] is 0, "));
  EXPECT_THAT(error_with(two, R"([[2, "", 1], [0, "root", 2]])"), HasSubstr("edges[0][1] is \"\""));
  EXPECT_THAT(error_with(R"([[2, "a", "DT", "a"]])", R"([[0, "root", 1]])"),
              HasSubstr("tokens[0][0] is 2, expected 1"));
  EXPECT_THAT(error_with(R"([[1, "a", "DT"]])", R"([[0, "root", 1]])"),
              HasSubstr("expected a list of 4"));
  EXPECT_THAT(error_with("[]", "[]"), HasSubstr("list of 1 to 100000 words"));
  EXPECT_THAT(error_of<base::FormatError>([] { read("{}\n"); }), HasSubstr("trees.jsonl, line 1"));
  EXPECT_THAT(error_of<base::FormatError>([] { read("{\n"); }), HasSubstr("trees.jsonl, line 1"));
  EXPECT_THAT(error_of<base::FileError>([] { read_treebank("/nowhere/trees.jsonl"); }),
              HasSubstr("/nowhere/trees.jsonl"));
}

TEST(Treebank, MakesCaptions) {
  // Small letters, no marks; what hung on a mark hangs on its head.
  EXPECT_EQ(
      drawn(as_caption(tree(
          "The/DT<det:2 Dog/NN<root:0 (/-LRB-<punct:4 big/JJ<amod:2 )/-RRB-<punct:4 ./.<punct:2"))),
      "the/DT<det:2 dog/NN<root:0 big/JJ<amod:2");
  EXPECT_EQ(drawn(as_caption(tree("a/DT<det:2 red/JJ<amod:3 -/,<punct:4 dog/NN<root:0"))),
            "a/DT<det:2 red/JJ<amod:3 dog/NN<root:0");
  // Hyphenated words in one piece; as modifiers they are adjectives.
  EXPECT_EQ(drawn(as_caption(tree("a/DT<det:4 T/NN<compound:4 -/HYPH<punct:4 shirt/NN<root:0"))),
            "a/DT<det:2 t-shirt/NN<root:0");
  EXPECT_EQ(
      drawn(as_caption(tree("long/JJ<amod:3 -/HYPH<punct:3 term/NN<compound:4 plan/NN<root:0"))),
      "long-term/JJ<amod:2 plan/NN<root:0");
  // A mark as the root: its first child takes its place, the others hang on that.
  EXPECT_EQ(drawn(as_caption(tree("dogs/NNS<dep:2 --/:<punct:0 cats/NNS<dep:2"))),
            "dogs/NNS<root:0 cats/NNS<dep:1");
  EXPECT_TRUE(as_caption(tree("!/.<punct:0")).empty());
}

TEST(Treebank, MakesTreesProjective) {
  Sentence crossing = tree("a/X<r:3 b/X<root:0 c/X<r:2 d/X<r:1");
  EXPECT_FALSE(is_projective(crossing));
  make_projective(crossing);
  EXPECT_TRUE(is_projective(crossing));
  EXPECT_EQ(drawn(crossing), "a/X<r:2 b/X<root:0 c/X<r:2 d/X<r:2");

  const Sentence nested = tree("a/X<r:2 b/X<root:0 c/X<r:4 d/X<r:2");
  EXPECT_TRUE(is_projective(nested));
}

}  // namespace
}  // namespace metrics::english
