// Lower case of letters, for the parts of the metrics that look at characters.
#pragma once

#include <string>
#include <string_view>

namespace metrics::english {

/// Unicode's lower case of every code point by itself (two for U+0130), so that a sigma at the end
/// of a word is like any other.
std::u32string lower_case(std::u32string_view text);
/// The same of UTF-8.
std::string lower(std::string_view text);
/// Capitals of ASCII alone in lower case, all other bytes as they are.
std::string lower_ascii(std::string_view text);

}  // namespace metrics::english
