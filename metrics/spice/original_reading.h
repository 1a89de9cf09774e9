// Where the trees of SPICE's original differ from right ones, again and again.
#pragma once

#include "metrics/english/sentence.h"

namespace metrics::spice {

/// Changes the tree of a caption (heads, relations, tags and lemmas filled in) to what CoreNLP
/// 3.6.0's englishPCFG sees in it, which SPICE's published scores rest on. That grammar knows tags,
/// few words, and was learnt from newspapers:
/// - A participle goes with the noun right before it: in "a group of men sitting" the men sit.
/// - So do most prepositions: "on a pier in the rain" is a pier in the rain, "holding a net in a
///   hut" a net in a hut. Behind a verb's object it depends on the preposition.
/// - A caption that is nothing but a noun and an -ing form, "a man riding a wave", is no sentence
///   to it, and the two have nothing to do with each other (relation "dep"). Some -ing forms are
///   nouns to it: "a man standing" is a kind of standing.
/// - A participle before its noun is an adjective, "a stuffed animal"; not so "a living room", and
///   on "a snow covered slope" something covered the slope.
/// - "a cat in front of a door" is in a front and of a door, if nothing but a noun governs it. In
///   "a close up of a cat" nothing is of the cat.
/// Found by comparing tuples on the captions of 1,000 pictures (docs/metrics.md says how often they
/// agree). The result has the same words and is a tree again, if the argument is one.
void read_as_original(english::Sentence& tree);

}  // namespace metrics::spice
