// UTF-8 as RFC 3629 has it: overlong forms, surrogates and what lies beyond U+10FFFF are none.
#pragma once

#include <cstddef>
#include <string_view>

namespace base {

/// The bytes of the character at the front, or 0 if there is none.
std::size_t utf8_length(std::string_view text);

/// Where the first byte lies that is not part of a character; npos if the text is all UTF-8.
std::size_t find_not_utf8(std::string_view text);

}  // namespace base
