#include "metrics/spice.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/parallel.h"
#include "metrics/english/morphology.h"
#include "metrics/english/ptb_tokenizer.h"
#include "metrics/spice/concept_graph.h"
#include "metrics/spice/original_reading.h"
#include "metrics/spice/scene_tuples.h"

namespace metrics {
namespace {

using spice::ConceptGraph;
using spice::FoundTuple;

constexpr std::size_t kLongestSentence = 200;
constexpr std::int64_t kCaptionsPerTask = 16, kSamplesPerTask = 16;

bool ends_sentence(std::string_view token) {
  return token == "." || token.find_first_not_of("!?") == std::string_view::npos;
}

/// What may stand behind the end of a sentence and still belongs to it.
bool follows_end(std::string_view token) {
  constexpr std::array<std::string_view, 6> kFollowers = {"'",     "''",    "\"",
                                                          "-RRB-", "-RSB-", "-RCB-"};
  return std::find(kFollowers.begin(), kFollowers.end(), token) != kFollowers.end();
}

std::vector<english::Sentence> split_sentences(std::vector<std::string> tokens) {
  std::vector<english::Sentence> sentences;
  bool open = false, ended = false;
  for (std::string& token : tokens) {
    const bool end = ends_sentence(token);
    if (ended && !end && !follows_end(token)) open = false;
    if (!open || sentences.back().size() == kLongestSentence) sentences.emplace_back();
    open = true;
    ended = end || (ended && follows_end(token));
    sentences.back().push_back({std::move(token), {}, {}, 0, {}});
  }
  return sentences;
}

/// Precision, recall and F1 of graphs of which so many tuples match.
struct Counts {
  double matched, hypothesis, references;

  double precision() const { return hypothesis > 0 && references > 0 ? matched / hypothesis : 0; }
  double recall() const { return references > 0 ? matched / references : 0; }
  double f() const {
    if (matched == 0) return 0;
    return 2.0 * (precision() * recall()) / (precision() + recall());
  }
};

Counts count(const ConceptGraph& hypothesis, const ConceptGraph& references,
             const spice::GraphMatch& match) {
  const auto matched = std::count(match.hypothesis.begin(), match.hypothesis.end(), true);
  return {static_cast<double>(matched), static_cast<double>(hypothesis.size()),
          static_cast<double>(references.size())};
}

std::string joined(const std::vector<std::string>& words) {
  std::string name = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) name += "/" + words[i];
  return name;
}

SceneGraph named(const ConceptGraph& graph) {
  SceneGraph out;
  for (const ConceptGraph::Object& object : graph.objects()) {
    out.objects.push_back({joined(object.name.words), {}});
    for (const spice::Concept& attribute : object.attributes) {
      out.objects.back().attributes.push_back(joined(attribute.words));
    }
  }
  for (const ConceptGraph::Relation& relation : graph.relations()) {
    out.relations.push_back({static_cast<std::size_t>(relation.subject),
                             static_cast<std::size_t>(relation.object),
                             joined(relation.name.words)});
  }
  return out;
}

/// The tuples of each different caption, found once.
class CaptionTuples {
 public:
  CaptionTuples(const Spice& parser, std::span<const Sample> samples) {
    const auto add = [&](const std::string& caption) {
      if (places_.emplace(caption, captions_.size()).second) captions_.push_back(&caption);
    };
    for (const Sample& sample : samples) {
      add(sample.hypothesis);
      for (const std::string& reference : sample.references) add(reference);
    }
    tuples_.resize(captions_.size());
    base::parallel_for(std::ssize(captions_), kCaptionsPerTask,
                       [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t i = begin; i < end; ++i) {
                           tuples_[i] = spice::scene_tuples(parser.parse(*captions_[i]));
                         }
                       });
  }

  void add_to(ConceptGraph& graph, const std::string& caption) const {
    for (const FoundTuple& tuple : tuples_[places_.at(caption)]) graph.add(tuple);
  }

 private:
  std::unordered_map<std::string_view, std::size_t> places_;
  std::vector<const std::string*> captions_;
  std::vector<std::vector<FoundTuple>> tuples_;
};

}  // namespace

std::vector<SceneTuple> tuples(const SceneGraph& graph) {
  std::vector<SceneTuple> out;
  for (const SceneGraph::Object& object : graph.objects) {
    out.push_back({object.name});
    for (const std::string& attribute : object.attributes) out.push_back({object.name, attribute});
  }
  for (const SceneGraph::Relation& relation : graph.relations) {
    out.push_back(
        {graph.objects[relation.subject].name, relation.name, graph.objects[relation.object].name});
  }
  return out;
}

Spice::Spice(english::Tagger tagger, english::DependencyParser parser, english::Synonyms synonyms)
    : tagger_(std::move(tagger)), parser_(std::move(parser)), synonyms_(std::move(synonyms)) {}

std::vector<english::Sentence> Spice::parse(const std::string& caption) const {
  std::vector<english::Sentence> sentences = split_sentences(english::ptb_tokenize(caption));
  for (english::Sentence& sentence : sentences) {
    tagger_.tag(sentence);
    for (english::Word& word : sentence) word.lemma = english::lemma(word.form, word.tag);
    parser_.parse(sentence);
    spice::read_as_original(sentence);
  }
  return sentences;
}

SceneGraph Spice::scene_graph(std::span<const std::string> captions) const {
  ConceptGraph graph(&synonyms_);
  for (const std::string& caption : captions) {
    for (const FoundTuple& tuple : spice::scene_tuples(parse(caption))) graph.add(tuple);
  }
  return named(graph);
}

SpiceResult Spice::score(const Sample& sample) const {
  require_references(sample, "spice");
  const CaptionTuples found(*this, std::span(&sample, 1));
  ConceptGraph hypothesis(&synonyms_), references(&synonyms_);
  found.add_to(hypothesis, sample.hypothesis);
  for (const std::string& reference : sample.references) found.add_to(references, reference);
  spice::GraphMatch match = spice::match(hypothesis, references);
  const Counts counts = count(hypothesis, references, match);
  return {counts.f(),
          counts.precision(),
          counts.recall(),
          named(hypothesis),
          named(references),
          std::move(match.hypothesis),
          std::move(match.references)};
}

Scores Spice::score(std::span<const Sample> samples) const {
  for (const Sample& sample : samples) require_references(sample, "spice");
  const CaptionTuples found(*this, samples);
  Scores scores;
  scores.images.resize(samples.size());
  base::parallel_for(std::ssize(samples), kSamplesPerTask,
                     [&](std::int64_t begin, std::int64_t end) {
                       for (std::int64_t i = begin; i < end; ++i) {
                         ConceptGraph hypothesis(&synonyms_), references(&synonyms_);
                         found.add_to(hypothesis, samples[i].hypothesis);
                         for (const std::string& reference : samples[i].references) {
                           found.add_to(references, reference);
                         }
                         const spice::GraphMatch match = spice::match(hypothesis, references);
                         scores.images[i] = count(hypothesis, references, match).f();
                       }
                     });
  scores.corpus = mean(scores.images);
  return scores;
}

}  // namespace metrics
