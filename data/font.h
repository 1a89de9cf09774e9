// Letters for captions inside pictures.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "data/image.h"

namespace data {

using Colour = std::array<uint8_t, 3>;

/// A letter is 5 pixels wide and 7 high, with 2 more below the line; the next begins 6 to the
/// right.
inline constexpr int kLetterPitch = 6;
inline constexpr int kLetterHeight = 9;

/// Writes ASCII text with its left upper corner at (x, y), each pixel of a letter `scale` pixels
/// wide and high. Bytes that are no printable ASCII become '?'. What lies outside is cut off.
void draw_text(Image& image, int x, int y, int scale, Colour colour, std::string_view text);

}  // namespace data
