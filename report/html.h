// Text of any bytes as HTML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace report {

/// Safe between tags and in quoted attributes. Bytes that are not UTF-8 and control characters
/// become U+FFFD, so that the page stays valid.
std::string escape_html(std::string_view text);

/// The first 120 words of a caption, of at most 2,000 bytes in all.
struct CutCaption {
  std::vector<std::string> words;
  std::size_t left_out = 0;  ///< words
  bool shortened = false;    ///< the last word kept has lost its end
};
CutCaption cut_caption(std::string_view caption);

/// A caption in an element of its own, so that text from right to left does not turn what is around
/// it. Words with `marked` are emphasised (indices into cut_caption's words; empty: none).
std::string caption_html(std::string_view caption, const std::vector<bool>& marked = {});

/// A number with a fixed count of decimals.
std::string fixed(double value, int decimals);
/// An integer with commas: 12,345.
std::string with_commas(long long value);

}  // namespace report
