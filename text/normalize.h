// BERT's text normalisation (Devlin et al., 2019, the "basic tokenizer"), equal to transformers'.
#pragma once

#include <string>
#include <string_view>

namespace text {

struct Normalization {
  bool lower_case = true;
  bool strip_accents = true;        ///< decompose (NFD) and drop the nonspacing marks
  bool separate_ideographs = true;  ///< a space on either side of each
};

/// Drops U+0000, U+FFFD and control characters, makes every whitespace a space, then what `how`
/// says. Bytes that are not UTF-8 count as U+FFFD. The result is UTF-8; time is linear, but for
/// runs of n marks on one letter, n log n.
std::string normalize(std::string_view text, const Normalization& how);

}  // namespace text
