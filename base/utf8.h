// UTF-8 as RFC 3629 has it: overlong forms, surrogates and what lies beyond U+10FFFF are none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

/// The bytes of the character at the front, or 0 if there is none.
std::size_t utf8_length(std::string_view text);

/// Where the first byte lies that is not part of a character; npos if the text is all UTF-8.
std::size_t find_not_utf8(std::string_view text);
bool is_utf8(std::string_view text);

/// What a byte that is not part of a character is read as.
inline constexpr char32_t kReplacement = 0xFFFD;

/// Takes the first code point off `text`, which must not be empty. A byte that is not part of a
/// character is taken alone and becomes kReplacement.
char32_t take_code_point(std::string_view& text);
/// Code points up to U+10FFFF; surrogates as if they were characters.
void append_utf8(std::string& out, char32_t c);

/// The same of whole texts.
std::u32string decode_utf8(std::string_view text);
std::string encode_utf8(std::u32string_view text);

}  // namespace base
