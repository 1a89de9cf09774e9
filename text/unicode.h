// Characters as transformers' BERT tokenizer sees them: its tables are those of Unicode 8
// (categories), 9 (decomposition) and 17 (lower case). utf8proc gives what has not changed since, a
// table in unicode.cpp the rest, so that the answers are equal for every code point.
#pragma once

#include <string>
#include <string_view>

namespace text {

/// Space, tab, line feed, carriage return and every separator (categories Zs, Zl, Zp).
bool is_whitespace(char32_t c);
/// Cc, Cf and Co, without the three that are whitespace.
bool is_control(char32_t c);
/// Every ASCII character that is neither a letter, a digit, a space nor a control character
/// ("$+<=>^`|~" too, which Unicode calls symbols), and the categories P*.
bool is_punctuation(char32_t c);
/// Category Mn: accents and the like.
bool is_nonspacing_mark(char32_t c);
/// The blocks that BERT cuts into single characters: CJK ideographs, but neither Hangul nor kana.
bool is_ideograph(char32_t c);

/// Canonical combining class; marks after a letter are put in its order.
int combining_class(char32_t c);
/// The full canonical decomposition of one code point.
std::u32string decompose(char32_t c);
/// Unicode's lower case of one code point by itself (two for U+0130, so a final sigma is not
/// known).
void append_lower(std::string& out, char32_t c);

}  // namespace text
