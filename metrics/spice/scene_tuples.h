// The rules of SPICE: from a sentence to the objects, attributes and relations that it speaks of.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "metrics/english/sentence.h"

namespace metrics::spice {

/// One to three lemmas: {object}, {object, attribute}, or {subject, object, relation}, the order in
/// which rules find them. Relations are not in lower case if a preposition or a name is not.
using FoundTuple = std::vector<std::string>;

/// The tuples of parsed sentences. A rule finds a tuple as often as its pattern matches; all nouns
/// come last. The rules, with what they find:
///
/// - "a man is riding a horse": (man, horse, ride); "a man sits on a horse": (man, horse, sit on)
/// - "a cat sitting in a chair": (cat, chair, sit in)
/// - "a woman is smiling": (woman, smile); "the man is a rider": (man, rider)
/// - "the man is in a car": (man, car, in)
/// - "a smart woman": (woman, smart); "the man is tall": (man, tall)
/// - "a cup on a table": (cup, table, on); "a man's watch": (man, watch, have)
/// - "a horse was ridden by a man": (man, horse, ride)
/// - "two cats": (cat, two); "a lot of cats": (cat, a)
/// - "a tennis racket": (racket, tennis), and these two nouns are no objects then
/// - every other noun: (cat)
std::vector<FoundTuple> scene_tuples(std::span<const english::Sentence> sentences);

}  // namespace metrics::spice
