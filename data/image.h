// Pictures as RGB bytes, read as Pillow and transformers' load_image read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace data {

/// 8-bit RGB, row-major: pixel (x, y) is pixels[3 * (y * width + x)], red first.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> pixels;
};

/// Decodes JPEG, PNG, WebP, GIF or BMP (of several frames the first): EXIF orientation applied,
/// then converted to RGB as Pillow's `convert("RGB")` does: alpha dropped, not composited; 16-bit
/// colours cut to their high byte, 16-bit grays above 255 to 255. `name` is what errors call it.
///
/// Pixels are equal to Pillow 13's, also those of files that break their format's rules and that it
/// reads: without an end, with wrong checksums, with rubbish between blocks. Some that it refuses
/// are read: where only what is said about the picture is broken, as its EXIF block. Without
/// libjpeg, JPEGs differ by a few levels and need their end marker.
///
/// FormatError for what is no picture, is truncated, damaged or larger than kMaxPixels; FileError
/// if the memory does not suffice.
Image decode_image(std::span<const std::byte> bytes, const std::string& name);
Image read_image(const std::filesystem::path& path);

/// More than any camera makes; past it a picture is refused before memory is asked for. Pillow
/// warns at half of this and refuses at it.
inline constexpr int64_t kMaxPixels = 178956970;

/// Pillow 13's `resize((width, height), BICUBIC)`, byte for byte: antialiased bicubic (a = -0.5) in
/// 22-bit fixed-point arithmetic, the horizontal pass first unless the height shrinks by more than
/// twice what the width does (Pillow 12 and older: always). UsageError for an empty size.
Image resize_bicubic(const Image& image, int width, int height);

/// Writes a PNG, replacing the file atomically.
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace data
