// The Penn Treebank tokenizer, as PTBTokenizer of CoreNLP 3.4.1 answers (the one inside the COCO
// caption toolkit).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace metrics::english {

/// The tokens of one line, case kept. Contractions are cut ("can't" -> "ca", "n't"), quotes become
/// `` and '', brackets -LRB- and the like; a token can hold a no-break space ("5 1/2" is one).
/// Characters that no rule knows are dropped, as emoji are, and so is U+FFFD, as which bytes that
/// are not UTF-8 are read. Time is linear in the length of the text.
///
/// The rules, with an example each, are in ptb_rules.h. A line is read by itself. The original
/// looks into the next line: what begins there decides whether "U.S." at the end of a line gives a
/// second dot, and whether "plan B." is "B." or "B", ".". Otherwise the answers are the same except
/// for three oddities: the smiley "<.[^x=" that reaches to the next "<>]", acronyms like
/// x-Sino-U.S. spelled with a long s or a Kelvin sign, and how many U+FFFD stand for bytes that are
/// not UTF-8 inside an address.
std::vector<std::string> ptb_tokenize(std::string_view line);

}  // namespace metrics::english
