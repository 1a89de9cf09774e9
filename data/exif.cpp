#include "data/exif.h"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/inflate.h"
#include "data/png_chunks.h"

namespace data {
namespace {

constexpr uint32_t kOrientationTag = 0x0112;
constexpr std::string_view kExifHeader{"Exif\0\0", 6};
constexpr std::string_view kXmpHeader{"http://ns.adobe.com/xap/1.0/\0", 29};
constexpr std::string_view kRawProfile = "Raw profile type exif", kXmpKey = "XML:com.adobe.xmp";
constexpr int kUnknown = 0, kUpright = 1;

std::string_view text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A number of a TIFF structure, in its byte order.
class TiffNumbers {
 public:
  TiffNumbers(Bytes tiff, bool little) : tiff_(tiff), little_(little) {}

  uint64_t unsigned_at(std::size_t at, std::size_t bytes) const {
    uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value = value << 8 | byte_at(tiff_, at + (little_ ? bytes - 1 - i : i));
    }
    return value;
  }
  int64_t signed_at(std::size_t at, std::size_t bytes) const {
    const auto unused = static_cast<int>(64 - 8 * bytes);
    return static_cast<int64_t>(unsigned_at(at, bytes) << unused) >> unused;
  }

 private:
  Bytes tiff_;
  bool little_;
};

/// The bytes of a value of each TIFF type, 0 where Pillow knows no such type.
constexpr std::array<std::size_t, 17> kTypeBytes = {0, 1, 1, 2, 4, 8, 1, 1, 2,
                                                    4, 8, 4, 8, 4, 0, 0, 8};
enum TiffType : uint32_t {
  kShort = 3,
  kLong = 4,
  kRational = 5,
  kSignedByte = 6,
  kSignedShort = 8,
  kSignedLong = 9,
  kSignedRational = 10,
  kFloat = 11,
  kDouble = 12,
  kDirectory = 13,
  kLong8 = 16
};

/// The first number of the value at `at`; what is no number, bytes and text, turns no picture.
double first_number(const TiffNumbers& in, uint32_t type, std::size_t at) {
  switch (type) {
    case kShort:
    case kLong:
    case kDirectory:
    case kLong8:
      return static_cast<double>(in.unsigned_at(at, kTypeBytes[type]));
    case kSignedByte:
    case kSignedShort:
    case kSignedLong:
      return static_cast<double>(in.signed_at(at, kTypeBytes[type]));
    case kRational:
      return static_cast<double>(in.unsigned_at(at, 4)) /
             static_cast<double>(in.unsigned_at(at + 4, 4));
    case kSignedRational:
      return static_cast<double>(in.signed_at(at, 4)) /
             static_cast<double>(in.signed_at(at + 4, 4));
    case kFloat:
      return std::bit_cast<float>(static_cast<uint32_t>(in.unsigned_at(at, 4)));
    case kDouble:
      return std::bit_cast<double>(in.unsigned_at(at, 8));
    default:
      return kUpright;
  }
}

/// The tag in the first directory of a TIFF structure, which is what an EXIF block is, with
/// Pillow's notion of what is readable: the first entry of the tag that has a value counts, unless
/// an entry before it points out of the structure.
int tiff_orientation(Bytes tiff) {
  for (int times = 0; times < 2 && text(tiff).starts_with(kExifHeader); ++times) {
    tiff = tiff.subspan(kExifHeader.size());
  }
  if (tiff.empty()) return kUnknown;
  const std::string_view magic = text(tiff).substr(0, 4);
  const auto is = [&](const char* bytes) { return magic == std::string_view(bytes, 4); };
  const bool little = is("II*\0") || is("II\0*");
  if (tiff.size() < 8 || !(little || is("MM\0*") || is("MM*\0") || is("MM\0+"))) return kUpright;

  const TiffNumbers in(tiff, little);
  std::size_t entry = in.unsigned_at(4, 4);
  if (entry > tiff.size() || tiff.size() - entry < 2) return kUnknown;
  const std::size_t entries = in.unsigned_at(entry, 2);
  entry += 2;
  std::size_t elsewhere = 0;  // bytes of values that do not fit into their entries
  for (std::size_t i = 0; i < entries && tiff.size() - entry >= 12; ++i, entry += 12) {
    const auto type = static_cast<uint32_t>(in.unsigned_at(entry + 2, 2));
    const std::size_t unit = type < kTypeBytes.size() ? kTypeBytes[type] : 0;
    const std::size_t bytes = in.unsigned_at(entry + 4, 4) * unit;
    std::size_t value = entry + 8;
    if (bytes == 0) continue;
    if (bytes > 4) {
      elsewhere += bytes;
      if (elsewhere > tiff.size()) continue;
      value = in.unsigned_at(value, 4);
      if (value > tiff.size() || tiff.size() - value < bytes) return kUnknown;
    }
    if (in.unsigned_at(entry, 2) != kOrientationTag) continue;
    const double number = first_number(in, type, value);
    for (int orientation = kUpright; orientation <= 8; ++orientation) {
      if (number == orientation) return orientation;
    }
    return kUpright;
  }
  return kUnknown;
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
  return compressed ? inflate_text(value) : std::string(value);
}

/// Keyword and text of one of the three chunks for texts; none for another chunk.
std::optional<std::pair<std::string_view, std::string>> text_chunk(std::string_view type,
                                                                   std::string_view content) {
  const std::size_t end = std::min(content.find('\0'), content.size());
  const std::string_view keyword = content.substr(0, end);
  const std::string_view value = content.substr(std::min(end + 1, content.size()));
  if (type == "tEXt") return std::pair(keyword, std::string(value));
  // The first byte is the method of compression, of which there is one.
  if (type == "zTXt") return std::pair(keyword, inflate_text(value.substr(!value.empty())));
  if (type == "iTXt") return std::pair(keyword, international_text(value));
  return std::nullopt;
}

/// The EXIF block that ImageMagick wrote as text before PNG had eXIf: an empty line, "exif", the
/// size, and lines of hexadecimal digits. None if something else is among them.
std::optional<std::string> decode_raw_profile(std::string_view profile) {
  for (int line = 0; line < 3; ++line) {
    const std::size_t end = profile.find('\n');
    if (end == profile.npos) return "";
    profile.remove_prefix(end + 1);
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string block;
  std::size_t count = 0;
  for (const char c : profile) {
    if (c == '\n' || (count % 2 == 0 && (c == ' ' || (c >= '\t' && c <= '\r')))) continue;
    const bool upper = c >= 'A' && c <= 'F';
    const std::size_t digit = kDigits.find(upper ? static_cast<char>(c - 'A' + 'a') : c);
    if (digit == kDigits.npos) return std::nullopt;
    if (count % 2 == 0) block.push_back('\0');
    block.back() = static_cast<char>(16 * block.back() + static_cast<int>(digit));
    ++count;
  }
  if (count % 2 != 0) return std::nullopt;
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
    // Pillow passes over what is no marker, and over an end marker before the picture, too.
    const uint32_t marker = byte_at(file, at) == 0xFF ? byte_at(file, at + 1) : 0;
    const bool alone =
        (marker >= 0xD0 && marker <= 0xD9) || marker == 0xC8 || (marker >= 0xF0 && marker <= 0xFD);
    if (marker < 0xC0 || marker == 0xFF || alone) {
      at += alone ? 2 : 1;
      continue;
    }
    if (marker == 0xDA) break;
    const std::size_t length = std::max(u16_big(file, at + 2), 2u);
    if (at + 2 + length > file.size()) break;
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
  std::optional<std::string> exif, raw_profile;
  std::string xmp;
  PngChunks chunks(file);
  for (auto chunk = chunks.next(); chunk && chunk->is_named() && chunk->type != "IEND";
       chunk = chunks.next()) {
    if (chunk->content.size() < chunk->length) break;
    const std::string_view content = text(chunk->content);
    if (chunk->type == "eXIf") exif = content;
    if (const auto pair = text_chunk(chunk->type, content)) {
      if (pair->first == kRawProfile) raw_profile = pair->second;
      if (pair->first == kXmpKey) xmp = pair->second;
    }
    chunks.skip();
  }
  if (!exif && raw_profile) {
    exif = decode_raw_profile(*raw_profile);
    if (!exif) return kUpright;
  }
  const std::string block = exif.value_or("");
  return choose(std::as_bytes(std::span(block)), xmp);
}

int webp_orientation(Bytes file) {
  // Only the extended form has such chunks; its flags say which.
  constexpr std::size_t kFirstChunk = 12, kFlags = 20;
  if (file.size() <= kFlags || text(file.subspan(kFirstChunk, 4)) != "VP8X") return kUnknown;
  const uint32_t flags = byte_at(file, kFlags);
  Bytes exif;
  std::string_view xmp;
  std::size_t at = kFirstChunk;
  while (at + 8 <= file.size()) {
    const std::size_t length = u32_little(file, at + 4);
    if (length > file.size() - at - 8) break;
    const std::string_view type = text(file.subspan(at, 4));
    const Bytes content = file.subspan(at + 8, length);
    constexpr uint32_t kHasExif = 8, kHasXmp = 4;
    if (type == "EXIF" && exif.empty() && flags & kHasExif) exif = content;
    if (type == "XMP " && xmp.empty() && flags & kHasXmp) xmp = text(content);
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
