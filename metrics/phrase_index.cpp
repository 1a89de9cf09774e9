#include "metrics/phrase_index.h"

#include <algorithm>
#include <mutex>
#include <span>
#include <utility>

#include "metrics/attributes.h"
#include "metrics/english/morphology.h"
#include "metrics/english/unicode.h"
#include "metrics/tokens.h"

namespace metrics {
namespace {

/// The tag under which a caption's word is compared.
std::string compared_tag(const english::Word& word) {
  return word.tag == "NN" ? "NNS" : word.tag;
}

std::uint64_t edge(std::uint32_t node, std::uint32_t word) {
  return std::uint64_t{node} << 32 | word;
}

}  // namespace

PhraseIndex::Word PhraseIndex::add_word(const std::string& word) {
  const auto [place, added] = word_numbers_.emplace(word, static_cast<Word>(words_.size()));
  if (added) {
    words_.push_back(word);
    by_tag_ = std::make_shared<ByTag>();
  }
  return place->second;
}

PhraseIndex::Phrase PhraseIndex::add(const std::string& phrase) {
  if (const std::optional<Phrase> known = number(phrase)) return *known;
  std::vector<std::string> words;
  const std::string lowered = english::lower(phrase);
  for (const std::string_view word : split(lowered)) words.emplace_back(word);
  words = rejoin_hyphens(words);
  Node node = 0;
  for (const std::string& word : words) {
    const auto next = static_cast<Node>(ends_.size());
    const auto [place, added] = children_.emplace(edge(node, add_word(word)), next);
    if (added) ends_.emplace_back();
    node = place->second;
  }
  if (!ends_[node]) {
    ends_[node] = static_cast<Phrase>(lengths_.size());
    lengths_.push_back(words.size());
  }
  written_.emplace(phrase, *ends_[node]);
  return *ends_[node];
}

std::optional<PhraseIndex::Phrase> PhraseIndex::number(const std::string& phrase) const {
  const auto found = written_.find(phrase);
  return found == written_.end() ? std::nullopt : std::optional(found->second);
}

const PhraseIndex::Lemmas& PhraseIndex::lemmas(const std::string& tag) const {
  {
    const std::shared_lock lock(by_tag_->mutex);
    const auto found = by_tag_->tags.find(tag);
    if (found != by_tag_->tags.end()) return found->second;
  }
  Lemmas made;
  for (Word word = 0; word < words_.size(); ++word) {
    made[english::lemma(words_[word], tag)].push_back(word);
  }
  const std::unique_lock lock(by_tag_->mutex);
  // Whichever thread was first; a map's elements stay where they are.
  return by_tag_->tags.try_emplace(tag, std::move(made)).first->second;
}

std::vector<PhraseIndex::Found> PhraseIndex::find(const english::Sentence& caption) const {
  std::vector<Found> found;
  if (words_.empty()) return found;
  // Of each word of the caption, the phrases' words that it may be. Equal forms have equal lemmas,
  // so the lemma finds them too.
  std::vector<std::span<const Word>> alike(caption.size());
  for (std::size_t i = 0; i < caption.size(); ++i) {
    const std::string tag = compared_tag(caption[i]);
    const Lemmas& known = lemmas(tag);
    const auto words = known.find(english::lemma(english::lower(caption[i].form), tag));
    if (words != known.end()) alike[i] = words->second;
  }
  std::vector<Node> nodes, next;
  for (std::size_t begin = 0; begin < caption.size(); ++begin) {
    const std::size_t first = found.size();
    nodes = {0};
    for (std::size_t i = begin; i < caption.size() && !nodes.empty(); ++i) {
      next.clear();
      for (const Node node : nodes) {
        for (const Word word : alike[i]) {
          const auto child = children_.find(edge(node, word));
          if (child != children_.end()) next.push_back(child->second);
        }
      }
      for (const Node node : next) {
        if (ends_[node]) found.push_back({*ends_[node], begin});
      }
      nodes.swap(next);
    }
    std::sort(found.begin() + static_cast<std::ptrdiff_t>(first), found.end(),
              [](const Found& a, const Found& b) { return a.phrase < b.phrase; });
  }
  return found;
}

}  // namespace metrics
