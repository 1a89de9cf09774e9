#include "metrics/english/parser_features.h"

#include <algorithm>

namespace metrics::english {
namespace {

constexpr int kLookAhead = 3;  // words from the next one on

/// How far two words are from each other, in steps that grow.
std::uint64_t distance(std::int32_t left, std::int32_t right) {
  const std::int32_t words = right - left;
  if (left == 0) return 0;
  return static_cast<std::uint64_t>(words <= 4 ? words : words <= 6 ? 5 : words <= 10 ? 6 : 7);
}

std::uint64_t number(std::int32_t value) {
  return static_cast<std::uint64_t>(value);
}

}  // namespace

ParserInput::ParserInput(const Sentence& sentence) : words_(static_cast<int>(sentence.size())) {
  hashes_.resize(sentence.size() + 1 + kLookAhead);
  for (std::size_t i = 0; i < sentence.size(); ++i) {
    const std::string form = normalized(sentence[i].form);
    const std::size_t suffix = std::min<std::size_t>(form.size(), 3);
    hashes_[i + 1] = {hash_of(form), hash_of(sentence[i].tag),
                      hash_of(std::string_view(form).substr(form.size() - suffix))};
  }
}

void ParserInput::features(const State& state, std::uint64_t rows,
                           std::vector<Row>& features) const {
  static const Subtree kNone;
  const Subtree& s0 = state.top;
  const Subtree& s1 = s0.word != 0 ? state.below->top : kNone;
  const Subtree& s2 = s1.word != 0 ? state.below->below->top : kNone;
  const Subtree& n0 = state.next;
  const WordHashes* const s0_hash = &hashes_[s0.word];
  const WordHashes* const s1_hash = &hashes_[s1.word];
  const WordHashes* const n0_hash = &hashes_[n0.word];

  const std::uint64_t s0w = s0_hash->form, s0p = s0_hash->tag;
  const std::uint64_t s1w = s1_hash->form, s1p = s1_hash->tag;
  const std::uint64_t s2p = hashes_[s2.word].tag;
  const std::uint64_t n0w = n0_hash->form, n0p = n0_hash->tag;
  const std::uint64_t n1w = n0_hash[1].form, n1p = n0_hash[1].tag;
  const std::uint64_t n2w = n0_hash[2].form, n2p = n0_hash[2].tag;
  const std::uint64_t s0wp = mix(s0w, s0p), s1wp = mix(s1w, s1p), n0wp = mix(n0w, n0p);

  FeatureRows add(0, rows, features);
  const auto add_child = [&](Subtree::Child child, std::uint64_t head_tag) {
    const WordHashes& hash = hashes_[child.word];
    add(hash.form);
    add(hash.tag);
    add(number(child.word != 0 ? child.relation + 1 : 0), head_tag);
    add(hash.tag, head_tag);
  };

  // Words by themselves.
  add();
  add(s0w), add(s0p), add(s0wp);
  add(s1w), add(s1p), add(s1wp);
  add(n0w), add(n0p), add(n0wp);
  add(n1w), add(n1p), add(mix(n1w, n1p));
  add(n2w), add(n2p), add(mix(n2w, n2p));
  add(s2p), add(hashes_[s2.word].form);
  add(s0_hash->suffix), add(s1_hash->suffix), add(n0_hash->suffix);

  // Two words.
  add(s0wp, n0wp), add(s0wp, n0w), add(s0w, n0wp), add(s0wp, n0p), add(s0p, n0wp);
  add(s0w, n0w), add(s0p, n0p);
  add(s1wp, s0wp), add(s1wp, s0w), add(s1w, s0wp), add(s1wp, s0p), add(s1p, s0wp);
  add(s1w, s0w), add(s1p, s0p);
  add(s1p, n0p), add(s1w, n0w), add(s1wp, n0p), add(s1p, n0wp);
  add(n0p, n1p), add(n0wp, n1p), add(n0p, mix(n1w, n1p));
  add(s0_hash->suffix, n0p), add(s0p, n0_hash->suffix), add(s1_hash->suffix, s0p);

  // Three.
  add(n0p, n1p, n2p), add(s0p, n0p, n1p), add(s1p, s0p, n0p), add(s2p, s1p, s0p);
  add(s0w, n0p, n1p), add(s0p, n0w, n1p), add(s0p, n0p, n1w);
  add(s1w, s0p, n0p), add(s1p, s0w, n0p), add(s1p, s0p, n0w);
  add(s1p, s0p, n0p, n1p);

  // Distances.
  const std::uint64_t s0n0 = distance(s0.word, n0.word), s1s0 = distance(s1.word, s0.word);
  add(s0w, s0n0), add(s0p, s0n0), add(n0w, s0n0), add(n0p, s0n0), add(s0p, n0p, s0n0);
  add(s0w, n0w, s0n0);
  add(s1w, s1s0), add(s1p, s1s0), add(s0w, s1s0), add(s0p, s1s0), add(s1p, s0p, s1s0);
  add(s1w, s0w, s1s0);

  // How many children, of which relations.
  add(s0w, number(s0.left_count)), add(s0p, number(s0.left_count));
  add(s0w, number(s0.right_count)), add(s0p, number(s0.right_count));
  add(s1w, number(s1.right_count)), add(s1p, number(s1.right_count));
  add(n0w, number(n0.left_count)), add(n0p, number(n0.left_count));
  add(s0w, s0.left_relations), add(s0p, s0.left_relations);
  add(s0w, s0.right_relations), add(s0p, s0.right_relations);
  add(s1w, s1.right_relations), add(s1p, s1.right_relations);
  add(s1w, s1.left_relations), add(s1p, s1.left_relations);
  add(n0w, n0.left_relations), add(n0p, n0.left_relations);

  // The children themselves.
  add_child(s0.left[0], s0p), add_child(s0.left[1], s0p);
  add_child(s0.right[0], s0p), add_child(s0.right[1], s0p);
  add_child(s1.left[0], s1p), add_child(s1.right[0], s1p), add_child(s1.right[1], s1p);
  add_child(n0.left[0], n0p), add_child(n0.left[1], n0p);
  const auto tag = [&](Subtree::Child child) { return hashes_[child.word].tag; };
  add(s0p, tag(s0.left[0]), n0p), add(s0p, tag(s0.right[0]), n0p), add(s0p, n0p, tag(n0.left[0]));
  add(s1p, s0p, tag(s0.left[0])), add(s1p, s0p, tag(s0.right[0]));
  add(s1p, tag(s1.right[0]), s0p), add(s1p, tag(s1.left[0]), s0p);
  add(s0p, tag(s0.left[0]), tag(s0.left[1])), add(s0p, tag(s0.right[0]), tag(s0.right[1]));
  add(n0p, tag(n0.left[0]), tag(n0.left[1])), add(s1p, tag(s1.right[0]), tag(s1.right[1]));

  // The words around.
  add(s0_hash[1].tag, s0p, n0p, n0_hash[-1].tag);
  add(s1_hash[1].tag, s1p, s0p, s0_hash[s0.word == 0 ? 0 : -1].tag);
}

}  // namespace metrics::english
