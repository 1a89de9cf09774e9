// Lemmas: the dictionary form of an inflected word.
#pragma once

#include <string>
#include <string_view>

namespace metrics::english {

/// The lemma of a word with this Penn Treebank tag, as the Morphology class of CoreNLP 3.6.0 gives
/// it (the rules of Minnen, Carroll and Pearce, "Applied morphological processing of English",
/// 2001): "lying" VBG -> "lie", "women" NNS -> "woman". Lower case except for proper nouns.
std::string lemma(std::string_view word, std::string_view tag);

}  // namespace metrics::english
