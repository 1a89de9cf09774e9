#include "metrics/english/dependency_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "metrics/english/linear_model.h"
#include "metrics/english/parser_training.h"
#include "metrics/english/tagger.h"
#include "metrics/english/transitions.h"
#include "tests/growth.h"
#include "tests/metrics/english/sentences.h"
#include "tests/shared.h"
#include "tests/temporary_folder.h"

namespace metrics::english {
namespace {

using testing::HasSubstr;

struct Pipeline {
  Tagger tagger = Tagger::load(parser_folder());
  DependencyParser parser = DependencyParser::load(parser_folder());
  Sentence operator()(Sentence sentence) const {
    tagger.tag(sentence);
    parser.parse(sentence);
    return sentence;
  }
};

/// Heads, and heads with relations, that are right with predicted tags, in percent.
std::pair<double, double> accuracy(const std::vector<Sentence>& trees) {
  const Pipeline pipeline;
  Attachment attachment;
  for (const Sentence& tree : trees) attachment.count(tree, pipeline(tree));
  const auto percent = [&](std::int64_t right) {
    return 100 * static_cast<double>(right) / static_cast<double>(attachment.words);
  };
  return {percent(attachment.heads), percent(attachment.labelled)};
}

/// One root, every head inside the sentence, no cycle.
bool is_tree(const Sentence& sentence) {
  int roots = 0;
  for (std::size_t start = 0; start < sentence.size(); ++start) {
    roots += sentence[start].head == 0;
    if (sentence[start].relation.empty()) return false;
    if ((sentence[start].head == 0) != (sentence[start].relation == "root")) return false;
    std::size_t steps = 0;
    for (int head = sentence[start].head; head != 0; head = sentence[head - 1].head) {
      if (head < 0 || head > static_cast<int>(sentence.size())) return false;
      if (++steps > sentence.size()) return false;
    }
  }
  return roots == (sentence.empty() ? 0 : 1);
}

ParserTraining small() {
  ParserTraining training;
  training.rows = 1 << 16;
  training.arcs = small_network();
  return training;
}

TEST(DependencyParser, ParsesCaptions) {
  const Pipeline pipeline;
  EXPECT_EQ(drawn(pipeline(words("a man riding a wave on a surfboard"))),
            "a/DT<det:2 man/NN<root:0 riding/VBG<acl:2 a/DT<det:5 wave/NN<dobj:3 on/IN<case:8 "
            "a/DT<det:8 surfboard/NN<nmod:3");
  EXPECT_EQ(drawn(pipeline(words("black leather boots with side zip"))),
            "black/JJ<amod:3 leather/NN<compound:3 boots/NNS<root:0 with/IN<case:6 "
            "side/NN<compound:6 zip/NN<nmod:3");
  EXPECT_EQ(drawn(pipeline(words("dog"))), "dog/NN<root:0");
  EXPECT_EQ(drawn(pipeline(Sentence{})), "");
}

TEST(DependencyParser, IsRightOnCaptions) {
  const auto [heads, labelled] = accuracy(caption_trees());
  EXPECT_GE(heads, 96.5);
  EXPECT_GE(labelled, 95.9);
}

TEST(DependencyParser, IsRightOnTheDevelopmentSet) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const auto [heads, labelled] = accuracy(development_set());
  EXPECT_GE(heads, 87);
  EXPECT_GE(labelled, 84);
}

TEST(DependencyParser, AlwaysGivesATree) {
  const Pipeline pipeline;
  const char* const kWords[] = {"the",      "of", "dog", "runs", ",", "",  "and",
                                "\xff\xfe", "-",  "'s",  "red",  "é", "to"};
  base::Random random(7);
  for (int sentence = 0; sentence < 500; ++sentence) {
    Sentence odd;
    for (std::uint32_t size = random.below(30); odd.size() < size;) {
      odd.push_back({.form = kWords[random.below(std::size(kWords))],
                     .tag = "",
                     .lemma = "",
                     .head = 0,
                     .relation = ""});
    }
    EXPECT_TRUE(is_tree(pipeline(odd))) << drawn(odd);
  }
  // Tags that no one has seen.
  Sentence strange = words("a b c d e");
  pipeline.parser.parse(strange);
  EXPECT_TRUE(is_tree(strange));
}

TEST(DependencyParser, TakesLinearTime) {
  const Pipeline pipeline;
  Sentence parsed;
  const auto parse = [&](std::size_t repeats) {
    std::string text;
    for (std::size_t i = 0; i < repeats; ++i) text += "a dog and a very big cat sat on ";
    parsed = pipeline(words(text));
  };
  EXPECT_LT(growth::of_fourfold(parse, 500), growth::kLinear);
  parse(2000);
  EXPECT_EQ(parsed.size(), 18'000);
  EXPECT_EQ(parsed.back().form, "on");
  std::int64_t roots = 0;
  for (const Word& word : parsed) roots += word.head == 0;
  EXPECT_EQ(roots, 1);
}

TEST(DependencyParser, LearnsFewSentences) {
  const DependencyParser parser = train_parser(few_trees(), small());
  for (std::size_t i = 0; i + 1 < few_trees().size(); ++i) {
    Sentence parsed = few_trees()[i];
    for (Word& word : parsed) word.head = -1, word.relation.clear();
    parser.parse(parsed);
    EXPECT_EQ(drawn(parsed), drawn(few_trees()[i]));
  }
  EXPECT_THROW(train_parser({}, small()), base::FormatError);
}

TEST(DependencyParser, LearnsTheSameTwice) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a");
  std::filesystem::create_directory(folder / "b");
  train_parser(few_trees(), small()).save(folder / "a");
  train_parser(few_trees(), small()).save(folder / "b");
  for (const std::string file : {"parser.bin", "arcs.bin"}) {
    EXPECT_EQ(base::read_file(folder / "a" / file), base::read_file(folder / "b" / file)) << file;
  }
  Sentence parsed = few_trees()[3];
  for (Word& word : parsed) word.head = -1;
  DependencyParser::load(folder / "a").parse(parsed);
  EXPECT_EQ(drawn(parsed), drawn(few_trees()[3]));
}

TEST(DependencyParser, RefusesBrokenFiles) {
  const TemporaryFolder folder;
  const auto error = [&] {
    return error_of<base::FormatError>([&] { DependencyParser::load(folder.path()); });
  };
  train_parser(few_trees(), small()).save(folder.path());
  const std::string whole = base::read_file(folder / "parser.bin");
  folder.write("parser.bin", whole.substr(0, whole.size() / 2));
  EXPECT_THAT(error(), HasSubstr("truncated?"));
  folder.write("parser.bin", "blip-tag" + whole.substr(8));
  EXPECT_THAT(error(), HasSubstr("does not begin with \"blip-dep\""));

  // A sound file whose classes are no actions.
  const auto save = [&](std::vector<std::string> classes) {
    LinearModel(std::move(classes), std::vector<std::int8_t>(100))
        .save(folder / "parser.bin", "blip-dep");
  };
  save({"NN", "VB", "DT"});
  EXPECT_THAT(error(), HasSubstr("parser.bin: the classes are not the actions"));
  save({"shift", "left:det", "up:nsubj", "left", "right"});
  EXPECT_THAT(error(), HasSubstr("\"up:nsubj\" is not an action"));
  save({"shift", "left:det", "left", "right"});
  EXPECT_THAT(error(), HasSubstr("none to the right"));
  save({"shift", "left:det", "right:nmod", "left", "right"});
  EXPECT_THAT(error(), HasSubstr("parser.bin: the relations of arcs.bin are not those"));

  folder.write("parser.bin", whole);
  std::filesystem::remove(folder / "arcs.bin");
  EXPECT_THAT(error_of<base::FileError>([&] { DependencyParser::load(folder.path()); }),
              HasSubstr("arcs.bin"));
}

TEST(Transitions, BuildTheTreeTheyAreOf) {
  const ActionSet set(action_names(few_trees()));
  for (std::size_t i = 0; i + 1 < few_trees().size(); ++i) {
    const Sentence& wanted = few_trees()[i];
    std::vector<State> states{State::start()};
    states.reserve(100);
    const int size = static_cast<int>(wanted.size());
    const auto actions = actions_of(wanted, set);
    EXPECT_EQ(actions.size(), action_count(size));
    for (const std::int32_t action : actions) {
      EXPECT_TRUE(states.back().allows(set.actions[action].move, size));
      states.push_back(states.back().after(set, action));
    }
    Sentence built = wanted;
    for (Word& word : built) word.head = -1, word.relation.clear();
    build_tree(states.back(), set, built);
    EXPECT_EQ(drawn(built), drawn(wanted));
  }
  EXPECT_THROW(actions_of(few_trees().back(), set), base::UsageError);
}

}  // namespace
}  // namespace metrics::english
