// From a caption as written to the tokens that the metrics count.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metrics/sample.h"

namespace metrics {

/// The tokens of the COCO caption toolkit, joined by single spaces: Penn Treebank tokens
/// (english/ptb_tokenizer.h), lower-cased, without the punctuation that the toolkit drops
/// (pycocoevalcap/tokenizer/ptbtokenizer.py). Empty if nothing is left. Line breaks and tabs inside
/// a caption are spaces; the toolkit would take what follows a carriage return, a vertical tab, a
/// form feed, U+2028 or U+2029 for the next caption.
std::string caption_tokens(std::string_view text);

/// Hypothesis and references of a sample as caption_tokens().
Sample tokenized(const Sample& sample);

/// The pieces between runs of whitespace, as Python's str.split(). The views point into `text`.
std::vector<std::string_view> split(std::string_view text);

}  // namespace metrics
