#include "metrics/spice/original_reading.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "metrics/english/morphology.h"
#include "metrics/english/unicode.h"

namespace metrics::spice {
namespace {

using english::Sentence;
using english::Word;

/// Words by their numbers, from 1 on.
class Tree {
 public:
  explicit Tree(Sentence& sentence) : sentence_(sentence) {}

  int words() const { return static_cast<int>(sentence_.size()); }
  Word& at(int word) { return sentence_[word - 1]; }
  const Word& at(int word) const { return sentence_[word - 1]; }

  bool is_noun(int word) const { return word > 0 && at(word).tag.starts_with("NN"); }
  bool is_verb(int word) const { return word > 0 && at(word).tag.starts_with("VB"); }
  bool descends(int word, int from) const {
    while (word != 0 && word != from) word = at(word).head;
    return word == from;
  }
  /// A noun that stands right before `word` and ends a phrase, or 0.
  int noun_before(int word) const {
    const int noun = word - 1;
    return is_noun(noun) && at(noun).relation != "compound" && at(noun).relation != "nmod:poss"
               ? noun
               : 0;
  }
  std::string form(int word) const { return english::lower(at(word).form); }
  void hang(int word, int head, std::string_view relation) {
    at(word).head = head;
    at(word).relation = relation;
  }

 private:
  Sentence& sentence_;
};

bool is_participle(const Word& word) {
  return word.tag == "VBG" || word.tag == "VBN";
}

bool is_finite(const Word& word) {
  constexpr std::array<std::string_view, 4> kFinite = {"VBZ", "VBP", "VBD", "MD"};
  return std::find(kFinite.begin(), kFinite.end(), word.tag) != kFinite.end();
}

/// -ing forms that the Penn Treebank has as nouns.
bool is_noun_too(std::string_view form) {
  constexpr std::array<std::string_view, 6> kNouns = {"standing", "holding",  "eating",
                                                      "grazing",  "swimming", "playing"};
  return std::find(kNouns.begin(), kNouns.end(), form) != kNouns.end();
}

/// "in a living room": the room lives. Where the caption begins with it, the two are apart.
void read_living_room(Tree& tree) {
  for (int word = 1; word < tree.words(); ++word) {
    Word& living = tree.at(word);
    if (tree.form(word) != "living" || living.relation != "compound") continue;
    const bool begins = word == 1 || (word == 2 && tree.at(1).relation == "det");
    living.relation = begins ? "dep" : "amod";
    if (word == 1 || !begins) living.tag = "VBG";
    living.lemma = english::lemma(living.form, living.tag);
    // Without an article it is the caption's verb, and "with a window" is said of it.
    for (int child = 1; word == 1 && child <= tree.words(); ++child) {
      Word& with = tree.at(child);
      if (with.head == living.head && with.relation == "nmod") with.relation = "dep";
    }
  }
}

void hang_participles_low(Tree& tree) {
  for (int word = 2; word <= tree.words(); ++word) {
    const Word& participle = tree.at(word);
    if (!is_participle(participle)) continue;
    if (participle.relation != "acl" && participle.relation != "advcl") continue;
    const int noun = tree.noun_before(word);
    if (noun != 0 && !tree.descends(noun, word)) tree.hang(word, noun, "acl");
  }
}

/// Whether the grammar prefers the noun to the verb for this preposition.
bool goes_with_noun(std::string_view preposition, bool behind_object, bool fragment) {
  if (!behind_object) return preposition != "by" && preposition != "during";
  return preposition == "in" || preposition == "near" || (preposition == "on" && !fragment);
}

/// Where the caption is nothing but a noun and an -ing form, "a man riding a wave": the noun, or 0.
int noun_of_fragment(const Tree& tree) {
  int noun = 1;
  while (noun <= tree.words() && tree.at(noun).head != 0) ++noun;
  const int verb = noun + 1;
  if (verb > tree.words() || !tree.is_noun(noun)) return 0;
  if (tree.at(verb).tag != "VBG" || tree.at(verb).head != noun) return 0;
  for (int word = 1; word <= tree.words(); ++word) {
    if (is_finite(tree.at(word))) return 0;
    if (word < noun && tree.at(word).head != noun) return 0;
  }
  return noun;
}

/// "a man standing": the -ing form behind a noun takes its place, as a noun.
void make_noun(Tree& tree, int noun) {
  const int verb = noun + 1;
  tree.at(verb).tag = "NN";
  tree.at(verb).lemma = english::lemma(tree.at(verb).form, "NN");
  tree.hang(verb, tree.at(noun).head, tree.at(noun).relation);
  for (int word = 1; word <= tree.words(); ++word) {
    Word& child = tree.at(word);
    if (child.head == noun) child.head = verb;
    if (child.head == verb && child.relation == "dobj") child.relation = "dep";
  }
  tree.hang(noun, verb, "compound");
}

void part_noun_and_participle(Tree& tree, int noun) {
  if (is_noun_too(tree.form(noun + 1))) {
    make_noun(tree, noun);
  } else if (tree.at(noun).tag == "NN") {
    tree.at(noun + 1).relation = "dep";
  }
}

/// "a photo of a man standing", "a herd of sheep grazing".
void make_later_nouns(Tree& tree) {
  for (int verb = 2; verb <= tree.words(); ++verb) {
    const std::string form = tree.form(verb);
    if (form != "standing" && form != "grazing") continue;
    const int noun = tree.noun_before(verb);
    if (noun == 0 || tree.at(verb).head != noun || tree.at(verb).relation != "acl") continue;
    if (tree.at(noun).tag == "NN" || tree.form(noun) == "sheep") make_noun(tree, noun);
  }
}

void hang_prepositions_low(Tree& tree, bool fragment) {
  for (int word = 3; word <= tree.words(); ++word) {
    if (tree.at(word).relation != "nmod") continue;
    int marker = 1;
    while (marker < word && !(tree.at(marker).head == word && tree.at(marker).relation == "case")) {
      ++marker;
    }
    if (marker == word) continue;
    const int noun = tree.noun_before(marker);
    const int head = tree.at(word).head;
    if (noun == 0 || head >= noun || !(tree.is_verb(head) || is_noun_too(tree.form(head))) ||
        tree.descends(noun, word))
      continue;
    const bool behind_object = tree.at(noun).relation == "dobj";
    if (!goes_with_noun(tree.form(marker), behind_object, fragment)) continue;
    tree.hang(word, noun, "nmod");
  }
}

/// "a close up of a dog": something close, and "up" goes with nothing.
void read_close_up(Tree& tree) {
  for (int close = 1; close < tree.words(); ++close) {
    const int up = close + 1;
    if (tree.form(close) != "close" || tree.form(up) != "up") continue;
    if (tree.at(close).head != up || !tree.is_noun(up)) continue;
    tree.hang(close, tree.at(up).head, tree.at(up).relation);
    tree.hang(up, close, "advmod");
    for (int child = 1; child < close; ++child) {
      if (tree.at(child).head == up) tree.at(child).head = close;
    }
    tree.at(close).tag = "NN";
    tree.at(up).tag = "RB";
  }
}

/// "a man on a snow covered slope": he is on snow, and covered the slope.
void read_covered(Tree& tree) {
  for (int covered = 2; covered < tree.words(); ++covered) {
    const int slope = tree.at(covered).head, snow = covered - 1;
    if (tree.form(covered) != "covered" || tree.at(covered).relation != "amod") continue;
    if (slope < covered || tree.at(slope).head == 0 || !tree.is_noun(snow)) continue;
    if (tree.at(snow).head != covered && tree.at(snow).head != slope) continue;
    int root = 1;
    while (tree.at(root).head != 0) ++root;
    if (!tree.is_noun(root)) continue;
    tree.hang(snow, tree.at(slope).head, tree.at(slope).relation);
    for (int child = 1; child < snow; ++child) {
      if (tree.at(child).head == slope) tree.at(child).head = snow;
    }
    tree.hang(slope, covered, "dobj");
    tree.hang(covered, 0, "root");
    tree.hang(root, covered, "nsubj");
    tree.at(covered).tag = "VBD";
    tree.at(covered).lemma = english::lemma(tree.at(covered).form, "VBD");
  }
}

/// "a stuffed animal" is no animal that someone stuffs.
void make_adjectives(Tree& tree) {
  for (int word = 1; word <= tree.words(); ++word) {
    Word& participle = tree.at(word);
    if (participle.tag != "VBN" || participle.relation != "amod") continue;
    participle.tag = "JJ";
    participle.lemma = english::lemma(participle.form, participle.tag);
  }
}

/// "a cat in front of a door": the cat is of the door, and in the front.
void part_front_of(Tree& tree) {
  for (int word = 3; word < tree.words(); ++word) {
    const std::string form = tree.form(word);
    if (form != "front" && form != "top") continue;
    const int head = tree.at(word).head;
    if (head == 0 || tree.at(head).head != 0 || !tree.is_noun(head)) continue;
    for (int door = word + 1; door <= tree.words(); ++door) {
      if (tree.at(door).head == word && tree.at(door).relation == "nmod") tree.at(door).head = head;
    }
  }
}

}  // namespace

void read_as_original(Sentence& sentence) {
  Tree tree(sentence);
  read_living_room(tree);
  hang_participles_low(tree);
  const int noun = noun_of_fragment(tree);
  if (noun != 0) part_noun_and_participle(tree, noun);
  make_later_nouns(tree);
  hang_prepositions_low(tree, noun != 0 && tree.is_verb(noun + 1));
  read_close_up(tree);
  read_covered(tree);
  make_adjectives(tree);
  part_front_of(tree);
}

}  // namespace metrics::spice
