// The Penn Treebank tokenizer, as PTBTokenizer of CoreNLP 3.4.1 answers (the one inside the COCO
// caption toolkit).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace metrics::english {

/// The tokens of one line, case kept. Contractions are cut ("can't" -> "ca", "n't"), quotes become
/// `` and '', brackets -LRB- and the like. Bytes that are not UTF-8 and characters outside the
/// tokenizer's tables are dropped. Time is linear in the length of the text.
std::vector<std::string> ptb_tokenize(std::string_view line);

}  // namespace metrics::english
