// `blip train-parser`: the tagger and the parser of SPICE, learnt from treebanks.
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/staged_folder.h"
#include "metrics/english/dependency_parser.h"
#include "metrics/english/parser_training.h"
#include "metrics/english/tagger_training.h"
#include "metrics/english/treebank.h"
#include "tools/checks.h"
#include "tools/commands.h"
#include "tools/output.h"

namespace tools {
namespace {

using metrics::english::Attachment;
using metrics::english::DependencyParser;
using metrics::english::Sentence;
using metrics::english::Tagger;

constexpr int kFolds = 10;  // taggers that tag the parser's sentences, each a part of them

struct Options {
  std::vector<std::filesystem::path> train, dev;
  std::filesystem::path output;
  int epochs = 8;  // of the parser
  int network_epochs = 14;
  std::uint64_t seed = 1;
  bool overwrite = false;
};

/// Trees to learn from: each as written, and where that is another as it would stand in a caption.
struct TrainingSet {
  std::vector<Sentence> trees;
  std::vector<int> groups;  // by tree: which sentence it is
};

bool same_words(const Sentence& a, const Sentence& b) {
  return metrics::english::forms_of(a) == metrics::english::forms_of(b);
}

TrainingSet read_training_set(const std::vector<std::filesystem::path>& files) {
  TrainingSet set;
  int group = 0;
  for (const auto& file : files) {
    for (Sentence& tree : metrics::english::read_treebank(file)) {
      Sentence caption = as_caption(tree);
      if (!caption.empty() && !same_words(caption, tree)) {
        set.trees.push_back(std::move(caption));
        set.groups.push_back(group);
      }
      set.trees.push_back(std::move(tree));
      set.groups.push_back(group++);
    }
  }
  return set;
}

/// What tagger and parser get right of trees whose tags they do not know, in percent.
std::string accuracy(const std::vector<Sentence>& trees, const Tagger& tagger,
                     const DependencyParser& parser) {
  std::int64_t words = 0, tags = 0;
  Attachment attachment;
  for (const Sentence& tree : trees) {
    Sentence parsed = tree;
    tagger.tag(parsed);
    parser.parse(parsed);
    attachment.count(tree, parsed);
    for (std::size_t i = 0; i < tree.size(); ++i) tags += tree[i].tag == parsed[i].tag;
    words += static_cast<std::int64_t>(tree.size());
  }
  const auto percent = [](std::int64_t part, std::int64_t whole) {
    return 100 * static_cast<double>(part) / static_cast<double>(whole);
  };
  std::ostringstream line;
  line << std::fixed << std::setprecision(2) << "tags " << percent(tags, words) << "  UAS "
       << percent(attachment.heads, attachment.words) << "  LAS "
       << percent(attachment.labelled, attachment.words);
  return line.str();
}

std::string report(const std::vector<std::filesystem::path>& files, const Tagger& tagger,
                   const DependencyParser& parser) {
  std::string lines;
  for (const auto& file : files) {
    const std::vector<Sentence> trees = metrics::english::read_treebank(file);
    std::vector<Sentence> captions;
    bool others = false;
    for (const Sentence& tree : trees) {
      Sentence caption = as_caption(tree);
      others |= !same_words(caption, tree);
      if (!caption.empty()) captions.push_back(std::move(caption));
    }
    const std::string name = file.filename().string();
    lines += name + ": " + accuracy(trees, tagger, parser) + '\n';
    if (others) lines += name + " as captions: " + accuracy(captions, tagger, parser) + '\n';
  }
  return lines;
}

int run(const Options& options) {
  const TrainingSet set = read_training_set(options.train);
  base::StagedFolder folder(options.output, options.overwrite);

  std::cerr << "tagger: " << set.trees.size() << " sentences\n";
  metrics::english::TaggerTraining tagger_training;
  tagger_training.seed = options.seed;
  const Tagger tagger = train_tagger(set.trees, tagger_training);
  tagger.save(folder.path());

  std::cerr << "tags for the parser: " << kFolds << " taggers\n";
  std::vector<Sentence> tagged =
      with_predicted_tags(set.trees, set.groups, kFolds, tagger_training);

  metrics::english::ParserTraining parser_training;
  parser_training.epochs = options.epochs;
  parser_training.seed = options.seed;
  parser_training.arcs.epochs = options.network_epochs;
  parser_training.arcs.seed = options.seed;
  parser_training.arcs.after_epoch = [&](int epoch, double loss) {
    std::cerr << "network: epoch " << epoch << " of " << options.network_epochs << ", loss a word "
              << loss << '\n';
  };
  parser_training.after_epoch = [&](int epoch, const DependencyParser& parser) {
    std::cerr << "parser: epoch " << epoch << " of " << options.epochs << '\n'
              << report(options.dev, tagger, parser);
  };
  const DependencyParser parser = train_parser(std::move(tagged), parser_training);
  parser.save(folder.path());
  folder.commit();
  print(report(options.dev, tagger, parser));
  return kOk;
}

}  // namespace

void add_train_parser(Command app, Job& job) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand("train-parser", "Learn tags and dependencies for SPICE");
  command.add_option("--train", options->train, "Treebanks to learn from (JSONL)").required();
  command.add_option("--dev", options->dev, "Treebanks to measure on");
  command.add_option("--output", options->output, "Folder for tagger.bin, parser.bin and arcs.bin")
      .required();
  command.add_option("--epochs", options->epochs, "Passes of the parser over the sentences")
      .check(in_range(1, 1000))
      .capture_default_str();
  command
      .add_option("--network-epochs", options->network_epochs,
                  "Passes of the parser's network over the sentences")
      .check(in_range(1, 1000))
      .capture_default_str();
  command.add_option("--seed", options->seed, "Of the order of the sentences and what is drawn")
      .capture_default_str();
  command.add_flag("--overwrite", options->overwrite, "Replace files of --output");
  command.footer(
      "A treebank has an object a line: {\"tokens\": [[number, form, tag, lemma], ...],\n"
      "\"edges\": [[head, relation, word], ...]}. Every tree is learnt as written and as it would\n"
      "stand in a caption, in lower case and without punctuation. The parser learns with the tags\n"
      "of taggers that have not seen the sentence. Prints the accuracy on each --dev treebank:\n"
      "tags, heads (UAS), heads and relations (LAS; both without punctuation, with predicted "
      "tags).\n"
      "Same files, same options, same bytes.\n"
      "\n"
      "Example:\n"
      "  blip train-parser --train train.jsonl captions.jsonl --dev dev.jsonl --output parser");
  command.callback([options, &job] { job = [options] { return run(*options); }; });
}

}  // namespace tools
