#include <array>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/codec.h"

namespace data {
namespace {

constexpr std::size_t kPaletteBytes = 3 * 256;

/// The checksum of PNG chunks (ISO 3309).
uint32_t crc32(Bytes bytes) {
  constexpr auto kTable = [] {
    std::array<uint32_t, 256> table{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xEDB88320u : 0);
      table[i] = value;
    }
    return table;
  }();
  uint32_t crc = ~0u;
  for (const std::byte byte : bytes) {
    crc = kTable[(crc ^ static_cast<uint32_t>(byte)) & 0xFF] ^ crc >> 8;
  }
  return ~crc;
}

struct Header {
  uint32_t width, height, depth, color;
  std::size_t palette_at = 0;  ///< of the PLTE chunk in the file, 0 if there is none
  std::size_t palette_bytes = 0;
};

/// Walks all chunks up to IEND. stb_image checks neither lengths nor checksums.
Header check_chunks(Bytes file, const std::string& name) {
  Header header{};
  bool first = true;
  for (std::size_t at = 8;;) {
    if (file.size() - at < 12) {
      throw base::FormatError(name + ": PNG is truncated: it ends before its IEND chunk");
    }
    const std::size_t length = u32_big(file, at);
    const std::string type(reinterpret_cast<const char*>(file.data()) + at + 4, 4);
    if (length > file.size() - at - 12) {
      throw base::FormatError(base::str(name, ": PNG is truncated: chunk ", type, " of ", length,
                                        " bytes has only ", file.size() - at - 12));
    }
    if (crc32(file.subspan(at + 4, length + 4)) != u32_big(file, at + 8 + length)) {
      throw base::FormatError(
          base::str(name, ": PNG is damaged: chunk ", type, " does not match its checksum"));
    }
    if (first != (type == "IHDR") || (first && length != 13)) {
      throw base::FormatError(name + ": PNG does not begin with one IHDR chunk of 13 bytes");
    }
    if (first) {
      header = {u32_big(file, at + 8), u32_big(file, at + 12), byte_at(file, at + 16),
                byte_at(file, at + 17)};
    }
    if (type == "PLTE") {
      header.palette_at = at;
      header.palette_bytes = length;
    }
    if (type == "IEND") return header;
    first = false;
    at += 12 + length;
  }
}

/// stb_image reads the colour of an index past the palette from memory that was never written.
/// Pillow shows it black: give the palette its missing entries so.
std::vector<std::byte> with_full_palette(Bytes file, const Header& header) {
  const std::size_t colors_end = header.palette_at + 8 + header.palette_bytes;
  std::vector<std::byte> out(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(colors_end));
  out.resize(out.size() + kPaletteBytes - header.palette_bytes);
  out.insert(out.end(), file.begin() + static_cast<std::ptrdiff_t>(colors_end), file.end());
  // 768 = 0x300, big-endian; stb_image does not look at the checksum, which is now another.
  const std::byte length[] = {std::byte{0}, std::byte{0}, std::byte{3}, std::byte{0}};
  std::copy(std::begin(length), std::end(length),
            out.begin() + static_cast<std::ptrdiff_t>(header.palette_at));
  return out;
}

}  // namespace

Image decode_png(Bytes file, const std::string& name) {
  const Header header = check_chunks(file, name);
  check_size(header.width, header.height, name);
  constexpr uint32_t kGray = 0, kIndexed = 3;
  if (header.color == kGray && header.depth == 16) return decode_gray16_with_stb(file, name);
  if (header.color == kIndexed && header.palette_at != 0 && header.palette_bytes < kPaletteBytes &&
      header.palette_bytes % 3 == 0) {
    return decode_with_stb(with_full_palette(file, header), name);
  }
  return decode_with_stb(file, name);
}

}  // namespace data
