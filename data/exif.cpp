#include "data/exif.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace data {
namespace {

constexpr uint32_t kOrientationTag = 0x0112;
constexpr std::string_view kExifHeader{"Exif\0\0", 6};
constexpr std::string_view kXmpHeader{"http://ns.adobe.com/xap/1.0/\0", 29};
constexpr std::string_view kRawProfile{"Raw profile type exif\0", 22};
constexpr std::string_view kXmpKey{"XML:com.adobe.xmp\0", 18};
constexpr int kUnknown = 0;

std::string_view text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The tag in the first directory of a TIFF structure, which is what an EXIF block is.
int tiff_orientation(Bytes tiff) {
  while (text(tiff).starts_with(kExifHeader)) tiff = tiff.subspan(kExifHeader.size());
  if (tiff.size() < 8) return kUnknown;
  const bool little = text(tiff).starts_with("II");
  if (!little && !text(tiff).starts_with("MM")) return kUnknown;
  const auto u16 = [&](std::size_t at) {
    return little ? u16_little(tiff, at) : u16_big(tiff, at);
  };
  const auto u32 = [&](std::size_t at) {
    return little ? u32_little(tiff, at) : u32_big(tiff, at);
  };
  const std::size_t directory = u32(4);
  if (directory > tiff.size() - 2) return kUnknown;
  const std::size_t entries = u16(directory);
  int orientation = kUnknown;
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.size()) break;
    if (u16(entry) != kOrientationTag || u32(entry + 4) != 1) continue;
    const uint32_t type = u16(entry + 2);
    const uint32_t value = type == 1   ? byte_at(tiff, entry + 8)
                           : type == 3 ? u16(entry + 8)
                           : type == 4 ? u32(entry + 8)
                                       : 0;
    orientation = value <= 8 ? static_cast<int>(value) : 1;
  }
  return orientation;
}

/// XMP is XML; like Pillow, only look for the attribute or element as it is always written.
int xmp_orientation(std::string_view xmp) {
  constexpr std::string_view kName = "tiff:Orientation";
  for (std::size_t at = xmp.find(kName); at != xmp.npos; at = xmp.find(kName, at + 1)) {
    std::string_view rest = xmp.substr(at + kName.size());
    if (rest.starts_with("=\"")) {
      rest.remove_prefix(2);
    } else if (rest.starts_with(">")) {
      rest.remove_prefix(1);
    } else {
      continue;
    }
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') return rest[0] - '0';
  }
  return kUnknown;
}

/// What follows a text chunk's keyword, if it is that one.
std::optional<std::string_view> after(std::string_view content, std::string_view keyword) {
  if (!content.starts_with(keyword)) return std::nullopt;
  return content.substr(keyword.size());
}

/// The text of an iTXt chunk: a flag and a method for compression, a language and a translated
/// keyword, each ended by a zero, then the text.
std::string international_text(std::string_view value) {
  if (value.size() < 2) return "";
  const bool compressed = value[0] != 0;
  value.remove_prefix(2);
  for (int string = 0; string < 2; ++string) {
    const std::size_t end = value.find('\0');
    if (end == value.npos) return "";
    value.remove_prefix(end + 1);
  }
  return compressed ? inflate(value) : std::string(value);
}

/// The EXIF block that ImageMagick wrote as text before PNG had eXIf: an empty line, "exif", the
/// size, and lines of hexadecimal digits.
std::string decode_raw_profile(std::string_view profile) {
  for (int line = 0; line < 3; ++line) {
    const std::size_t end = profile.find('\n');
    if (end == profile.npos) return "";
    profile.remove_prefix(end + 1);
  }
  std::string digits, block;
  std::copy_if(profile.begin(), profile.end(), std::back_inserter(digits),
               [](unsigned char c) { return std::isxdigit(c); });
  for (std::size_t i = 0; i + 2 <= digits.size(); i += 2) {
    block.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return block;
}

int choose(Bytes exif, std::string_view xmp) {
  const int orientation = tiff_orientation(exif);
  return orientation != kUnknown ? orientation : xmp_orientation(xmp);
}

}  // namespace

int jpeg_orientation(Bytes file) {
  std::vector<std::byte> exif;  // a block too long for one segment goes on in the next
  std::string_view xmp;
  std::size_t at = 2;
  while (at + 4 <= file.size()) {
    if (byte_at(file, at) != 0xFF) break;
    const uint32_t marker = byte_at(file, at + 1);
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0xDA || marker == 0xD9) break;
    const std::size_t length = u16_big(file, at + 2);
    if (length < 2 || at + 2 + length > file.size()) break;
    const Bytes segment = file.subspan(at + 4, length - 2);
    if (marker == 0xE1 && text(segment).starts_with(kExifHeader)) {
      const Bytes part = exif.empty() ? segment : segment.subspan(kExifHeader.size());
      exif.insert(exif.end(), part.begin(), part.end());
    } else if (marker == 0xE1 && text(segment).starts_with(kXmpHeader)) {
      xmp = text(segment).substr(kXmpHeader.size());
    }
    at += 2 + length;
  }
  return choose(exif, xmp);
}

int png_orientation(Bytes file) {
  std::string exif, raw_profile, xmp;
  std::size_t at = 8;
  while (at + 12 <= file.size()) {
    const std::size_t length = u32_big(file, at);
    if (length > file.size() - at - 12) break;
    const std::string_view type = text(file.subspan(at + 4, 4));
    const std::string_view content = text(file.subspan(at + 8, length));
    if (type == "eXIf") exif = content;
    if (const auto value = after(content, kRawProfile); type == "tEXt" && value) {
      raw_profile = *value;
    }
    if (const auto value = after(content, kRawProfile); type == "zTXt" && value) {
      raw_profile = inflate(value->substr(std::min<std::size_t>(1, value->size())));
    }
    if (const auto value = after(content, kXmpKey); type == "iTXt" && value) {
      xmp = international_text(*value);
    }
    at += 12 + length;
  }
  if (exif.empty()) exif = decode_raw_profile(raw_profile);
  return choose(std::as_bytes(std::span(exif)), xmp);
}

int webp_orientation(Bytes file) {
  Bytes exif;
  std::string_view xmp;
  std::size_t at = 12;
  while (at + 8 <= file.size()) {
    const std::size_t length = u32_little(file, at + 4);
    if (length > file.size() - at - 8) break;
    const std::string_view type = text(file.subspan(at, 4));
    const Bytes content = file.subspan(at + 8, length);
    if (type == "EXIF") exif = content;
    if (type == "XMP ") xmp = text(content);
    at += 8 + length + length % 2;
  }
  return choose(exif, xmp);
}

Image upright(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const std::ptrdiff_t w = image.width, h = image.height;
  // Pixel (x, y) of the result is pixel `origin + x * right + y * down` of the source.
  struct Walk {
    std::ptrdiff_t origin, right, down;
  };
  const Walk walks[] = {
      {w - 1, -1, w},        // 2: mirrored left to right
      {w * h - 1, -1, -w},   // 3: upside down
      {w * (h - 1), 1, -w},  // 4: mirrored top to bottom
      {0, w, 1},             // 5: rows and columns exchanged
      {w * (h - 1), -w, 1},  // 6: needs a quarter turn clockwise
      {w * h - 1, -w, -1},   // 7: exchanged along the other diagonal
      {w - 1, w, -1},        // 8: needs a quarter turn counterclockwise
  };
  const Walk walk = walks[orientation - 2];
  Image turned{image.width, image.height, std::vector<uint8_t>(image.pixels.size())};
  if (orientation >= 5) std::swap(turned.width, turned.height);
  uint8_t* out = turned.pixels.data();
  for (std::ptrdiff_t y = 0; y < turned.height; ++y) {
    const uint8_t* in = image.pixels.data() + 3 * (walk.origin + y * walk.down);
    for (std::ptrdiff_t x = 0; x < turned.width; ++x) {
      const uint8_t* pixel = in + 3 * x * walk.right;
      out = std::copy(pixel, pixel + 3, out);
    }
  }
  return turned;
}

}  // namespace data
