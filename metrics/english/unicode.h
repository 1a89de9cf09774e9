// Unicode text as code points, for the parts of the metrics that look at characters.
#pragma once

#include <string>
#include <string_view>

namespace metrics::english {

/// A byte that is not part of well-formed UTF-8 becomes U+FFFD.
std::u32string decode_utf8(std::string_view text);
/// Code points up to U+10FFFF.
std::string encode_utf8(std::u32string_view text);

/// Unicode's lower case of every code point by itself (two for U+0130), so that a sigma at the end
/// of a word is like any other.
std::u32string lower_case(std::u32string_view text);
/// The same of UTF-8.
std::string lower(std::string_view text);
/// Capitals of ASCII alone in lower case, all other bytes as they are.
std::string lower_ascii(std::string_view text);

}  // namespace metrics::english
