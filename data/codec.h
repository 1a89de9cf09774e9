// One decoder a picture format, behind data/image.h. Each takes a whole file that has the format's
// signature, ignores the EXIF orientation, drops alpha, and throws base::FormatError that begins
// with `name`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "data/image.h"

namespace data {

using Bytes = std::span<const std::byte>;
using Rgb = std::array<uint8_t, 3>;  ///< red, green, blue

Image decode_bmp(Bytes file, const std::string& name);
/// A BMP without its first 14 bytes, as in a clipboard.
Image decode_dib(Bytes file, const std::string& name);
Image decode_gif(Bytes file, const std::string& name);
Image decode_jpeg(Bytes file, const std::string& name);
Image decode_png(Bytes file, const std::string& name);
Image decode_webp(Bytes file, const std::string& name);

/// What stb_image makes of a JPEG, for builds without libjpeg.
Image decode_jpeg_with_stb(Bytes file, const std::string& name);

/// FormatError if a picture of this size is empty or beyond kMaxPixels.
void check_size(int64_t width, int64_t height, const std::string& name);

/// Two or four bytes as a number; the caller has checked that they are there.
inline uint32_t byte_at(Bytes bytes, std::size_t at) {
  return static_cast<uint32_t>(bytes[at]);
}
inline uint32_t u16_little(Bytes bytes, std::size_t at) {
  return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8;
}
inline uint32_t u32_little(Bytes bytes, std::size_t at) {
  return u16_little(bytes, at) | u16_little(bytes, at + 2) << 16;
}
inline uint32_t u16_big(Bytes bytes, std::size_t at) {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}
inline uint32_t u32_big(Bytes bytes, std::size_t at) {
  return u16_big(bytes, at) << 16 | u16_big(bytes, at + 2);
}

}  // namespace data
