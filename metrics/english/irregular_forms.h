// English words whose lemma no rule of morphology.cpp finds.
#pragma once

#include <span>
#include <string_view>

namespace metrics::english {

struct IrregularForm {
  std::string_view form, lemma;
};

/// Sorted by form. Words that only look inflected stand here with themselves: "pants", "embed".
std::span<const IrregularForm> irregular_nouns();
std::span<const IrregularForm> irregular_verbs();

/// Verbs that double their last consonant before -ed and -ing, sorted: "stop", but not "add".
std::span<const std::string_view> doubling_verbs();

}  // namespace metrics::english
