#include <algorithm>
#include <vector>

#include "base/error.h"
#include "data/codec.h"

namespace data {
namespace {

constexpr std::size_t kFileHeader = 14;

struct Header {
  std::size_t size, pixels_at;
  int64_t width, height;  ///< rows go upwards, or downwards where the height is negative
  uint32_t bits, compression, colors;
};

Header read_header(Bytes file, const std::string& name) {
  const auto need = [&](std::size_t bytes) {
    if (file.size() < bytes) {
      throw base::FormatError(
          base::str(name, ": BMP is truncated: ", file.size(), " bytes, its header needs ", bytes));
    }
  };
  need(kFileHeader + 12);
  Header header{};
  header.pixels_at = u32_little(file, 10);
  header.size = u32_little(file, 14);
  if (header.size == 12) {  // the first form, of OS/2
    header.width = u16_little(file, 18);
    header.height = u16_little(file, 20);
    header.bits = u16_little(file, 24);
    return header;
  }
  if (header.size < 40 || header.size > 124) {
    throw base::FormatError(
        base::str(name, ": BMP header of ", header.size, " bytes, expected 12 or 40 to 124"));
  }
  need(kFileHeader + header.size);
  header.width = static_cast<int32_t>(u32_little(file, 18));
  header.height = static_cast<int32_t>(u32_little(file, 22));
  header.bits = u16_little(file, 28);
  header.compression = u32_little(file, 30);
  header.colors = u32_little(file, 46);
  return header;
}

/// The same picture in the plainest form, with 256 colours: stb_image reads indices past the
/// palette from memory that was never written. Pillow shows them black.
std::vector<std::byte> with_full_palette(Bytes file, const Header& header, Bytes pixels) {
  constexpr std::size_t kHeader = kFileHeader + 40, kPalette = 4 * 256;
  std::vector<std::byte> out(kHeader + kPalette);
  const auto put = [&](std::size_t at, int bytes, int64_t value) {
    for (int i = 0; i < bytes; ++i) out[at + i] = static_cast<std::byte>(value >> (8 * i) & 0xFF);
  };
  put(0, 2, 'B' | 'M' << 8);
  put(10, 4, kHeader + kPalette);
  put(14, 4, 40);
  put(18, 4, header.width);
  put(22, 4, header.height);
  put(26, 2, 1);
  put(28, 2, header.bits);
  const std::size_t entry = header.size == 12 ? 3 : 4, begin = kFileHeader + header.size;
  std::size_t colors = std::size_t{1} << header.bits;
  if (header.colors > 0) colors = std::min<std::size_t>(colors, header.colors);
  for (std::size_t i = 0; i < colors && begin + (i + 1) * entry <= header.pixels_at; ++i) {
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(begin + i * entry), 3,
                out.begin() + static_cast<std::ptrdiff_t>(kHeader + 4 * i));
  }
  out.insert(out.end(), pixels.begin(), pixels.end());
  return out;
}

}  // namespace

Image decode_bmp(Bytes file, const std::string& name) {
  const Header header = read_header(file, name);
  const int64_t rows = std::abs(header.height);
  check_size(header.width, rows, name);
  if (header.compression == 1 || header.compression == 2) {
    throw base::FormatError(name + ": BMP with run-length compression, which is not supported");
  }
  const std::size_t stride = (static_cast<std::size_t>(header.width) * header.bits + 31) / 32 * 4;
  const std::size_t bytes = stride * static_cast<std::size_t>(rows);
  if (header.pixels_at > file.size() || file.size() - header.pixels_at < bytes) {
    throw base::FormatError(base::str(name, ": BMP is truncated: ", file.size(),
                                      " bytes, expected ", header.pixels_at + bytes));
  }
  if (header.bits == 1 || header.bits == 4 || header.bits == 8) {
    const Bytes pixels = file.subspan(header.pixels_at, bytes);
    return decode_with_stb(with_full_palette(file, header, pixels), name);
  }
  return decode_with_stb(file, name);
}

}  // namespace data
