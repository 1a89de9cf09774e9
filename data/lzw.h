// The compression of GIF pictures: LZW with codes of up to 12 bits, lowest bit first, in blocks of
// up to 255 bytes (GIF89a specification, appendix F).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/codec.h"

namespace data {

/// The first `count` indices of the blocks that `raster` begins with; codes start with `bits` + 1
/// bits. What follows them is not looked at. FormatError, which begins with `name`, if the data is
/// damaged or ends before.
std::vector<uint8_t> decode_lzw(Bytes raster, uint32_t bits, std::size_t count,
                                const std::string& name);

}  // namespace data
