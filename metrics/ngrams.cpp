#include "metrics/ngrams.h"

#include <algorithm>

#include "metrics/tokens.h"

namespace metrics {
namespace {

/// Spreads a pair over 64 bits (the finaliser of Steele, Lea and Flood's SplitMix, OOPSLA 2014).
std::uint64_t mix(NgramId prefix, WordId last) {
  std::uint64_t z = (std::uint64_t{prefix} << 32 | last) + 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

}  // namespace

WordId Words::add(std::string_view word) {
  const auto found = ids_.find(word);
  if (found != ids_.end()) return found->second;
  return ids_.emplace(word, static_cast<WordId>(ids_.size())).first->second;
}

WordId Words::find(std::string_view word) const {
  const auto found = ids_.find(word);
  return found == ids_.end() ? kUnknown : found->second;
}

std::vector<std::string_view> Words::by_id() const {
  std::vector<std::string_view> words(ids_.size());
  for (const auto& [word, id] : ids_) words[id] = word;
  return words;
}

Ngrams::Ngrams() : nodes_{{kNoWords, kUnknown}}, slots_(64, kNoWords) {}

/// Where the n-gram is, or where it would go: the first free slot from the one it hashes to.
std::size_t Ngrams::slot(NgramId prefix, WordId last) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = mix(prefix, last) & mask;
  while (slots_[at] != kNoWords) {
    const Node& node = nodes_[slots_[at]];
    if (node.prefix == prefix && node.last == last) break;
    at = (at + 1) & mask;
  }
  return at;
}

NgramId Ngrams::add(NgramId prefix, WordId last) {
  std::size_t at = slot(prefix, last);
  if (slots_[at] != kNoWords) return slots_[at];
  if (2 * nodes_.size() >= slots_.size()) {
    grow();
    at = slot(prefix, last);
  }
  slots_[at] = static_cast<NgramId>(nodes_.size());
  nodes_.push_back({prefix, last});
  return slots_[at];
}

NgramId Ngrams::find(NgramId prefix, WordId last) const {
  const NgramId found = slots_[slot(prefix, last)];
  return found == kNoWords ? kUnknown : found;
}

void Ngrams::grow() {
  slots_.assign(2 * slots_.size(), kNoWords);
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    slots_[slot(nodes_[i].prefix, nodes_[i].last)] = static_cast<NgramId>(i);
  }
}

std::vector<NgramCount> count_ngrams(std::span<const WordId> caption, Ngrams& ngrams) {
  std::vector<NgramCount> counts;
  counts.reserve(kLongestNgram * caption.size());
  for (std::size_t begin = 0; begin < caption.size(); ++begin) {
    const auto words =
        caption.subspan(begin, std::min<std::size_t>(kLongestNgram, caption.size() - begin));
    NgramId ngram = kNoWords;
    int n = 0;
    for (const WordId word : words) {
      ngram = ngrams.add(ngram, word);
      counts.push_back({ngram, ++n, 1});
    }
  }
  std::sort(counts.begin(), counts.end(),
            [](const NgramCount& a, const NgramCount& b) { return a.ngram < b.ngram; });
  std::size_t kept = 0;  // equal ones are neighbours now: fold each into the first
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (kept > 0 && counts[kept - 1].ngram == counts[i].ngram) {
      ++counts[kept - 1].count;
    } else {
      counts[kept++] = counts[i];
    }
  }
  counts.resize(kept);
  return counts;
}

std::vector<WordId> add_words(std::string_view caption, Words& words) {
  std::vector<WordId> ids;
  for (const std::string_view word : split(caption)) ids.push_back(words.add(word));
  return ids;
}

}  // namespace metrics
