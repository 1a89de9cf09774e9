// Windows and OS/2 bitmaps, read as Pillow reads them, its odd sides included: a palette of grays
// makes it forget how many bits an index has.
#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <vector>

#include "base/error.h"
#include "data/codec.h"

namespace data {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr uint32_t kRaw = 0, kRle8 = 1, kRle4 = 2, kBitfields = 3;

struct Header {
  std::size_t size = 0;  ///< of the information header, which tells the version
  int64_t width = 0, height = 0;
  bool downwards = false;
  uint32_t bits = 0, compression = kRaw;
  uint64_t colors = 0;              ///< entries of the palette
  std::size_t color_bytes = 4;      ///< of an entry, blue first
  std::array<uint32_t, 3> masks{};  ///< which bits are red, green and blue, for kBitfields
  std::size_t end = 0;              ///< where the palette begins, or the pixels
};

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw base::FormatError(base::str(name, ": BMP ", what));
}

/// Reads the information header that begins at `at`.
Header read_header(Bytes file, std::size_t at, const std::string& name) {
  const auto need = [&](std::size_t bytes) {
    if (file.size() < bytes) {
      fail(name, base::str("is truncated: ", file.size(), " bytes, its header needs ", bytes));
    }
  };
  need(at + 4);
  Header header;
  header.size = u32_little(file, at);
  constexpr std::array<std::size_t, 7> kSizes = {12, 40, 52, 56, 64, 108, 124};
  if (std::find(kSizes.begin(), kSizes.end(), header.size) == kSizes.end()) {
    fail(name, base::str("has a header of ", header.size,
                         " bytes, expected 12, 40, 52, 56, 64, 108 or 124"));
  }
  header.end = at + header.size;
  need(header.end);
  if (header.size == 12) {  // the first version, of OS/2
    header.width = u16_little(file, at + 4);
    header.height = u16_little(file, at + 6);
    header.bits = u16_little(file, at + 10);
    header.color_bytes = 3;
  } else {
    header.width = u32_little(file, at + 4);
    header.height = u32_little(file, at + 8);
    header.downwards = header.height >> 24 == 0xFF;  // a small negative number
    if (header.downwards) header.height = (int64_t{1} << 32) - header.height;
    header.bits = u16_little(file, at + 14);
    header.compression = u32_little(file, at + 16);
    header.colors = u32_little(file, at + 32);
    if (header.compression == kBitfields) {
      need(at + 52);
      for (std::size_t i = 0; i < 3; ++i) header.masks[i] = u32_little(file, at + 40 + 4 * i);
      header.end = std::max(header.end, at + 52);  // behind a header of 40 bytes
    }
  }
  if (header.colors == 0 && header.bits <= 8) header.colors = uint64_t{1} << header.bits;
  return header;
}

/// How the pixels of a row are stored.
struct Samples {
  enum class Kind { kIndices, kFields, kBytes } kind = Kind::kIndices;
  std::size_t bits = 0;            ///< of a pixel
  std::array<Rgb, 256> palette{};  ///< for kIndices; black where the file names no colour
  std::array<uint32_t, 3> shifts{}, maxima{};  ///< of red, green and blue, for kFields
  std::array<std::size_t, 3> places{};         ///< of red, green and blue, for kBytes
};

/// Indices of 1, 4 or 8 bits. Where the palette is just the grays of the indices, Pillow takes the
/// pixels for grays of 8 bits, or for bits where there are no more than two.
Samples indexed(Bytes file, const Header& header, const std::string& name) {
  if (header.colors > 65536) {
    fail(name, base::str("has a palette of ", header.colors, " colours, expected at most 65536"));
  }
  Samples samples{.bits = header.bits};
  const std::size_t entry = header.color_bytes;
  const Bytes table = file.subspan(
      header.end, std::min<std::size_t>(entry * header.colors, file.size() - header.end));
  bool gray = true;
  for (std::size_t i = 0; i < header.colors && gray; ++i) {
    const uint32_t value = header.colors == 2 ? static_cast<uint32_t>(255 * i) : i & 255;
    for (std::size_t at = i * entry; at < i * entry + 3; ++at) {
      gray = gray && at < table.size() && byte_at(table, at) == value;
    }
  }
  if (gray) {
    const bool black_and_white = header.colors <= 2;
    samples.bits = black_and_white ? 1 : 8;
    for (std::size_t i = 0; i < 256; ++i) {
      samples.palette[i].fill(static_cast<uint8_t>(black_and_white && i > 0 ? 255 : i));
    }
    return samples;
  }
  const std::size_t colors = table.size() / entry;
  if (colors > samples.palette.size()) {
    fail(name, base::str("has a palette of ", colors, " colours, expected at most 256"));
  }
  for (std::size_t i = 0; i < colors; ++i) {
    const std::size_t at = i * entry;
    for (std::size_t c = 0; c < 3; ++c) {
      samples.palette[i][c] = static_cast<uint8_t>(table[at + 2 - c]);
    }
  }
  return samples;
}

/// Pixels of 16 bits: 5 of each colour, or 6 of green.
Samples fields(std::array<uint32_t, 3> masks) {
  Samples samples{.kind = Samples::Kind::kFields, .bits = 16};
  for (std::size_t c = 0; c < 3; ++c) {
    samples.shifts[c] = static_cast<uint32_t>(std::countr_zero(masks[c]));
    samples.maxima[c] = masks[c] >> samples.shifts[c];
  }
  return samples;
}

Samples find_samples(Bytes file, const Header& header, const std::string& name) {
  using Masks = std::array<uint32_t, 3>;
  constexpr Masks k555 = {0x7C00, 0x3E0, 0x1F}, k565 = {0xF800, 0x7E0, 0x1F};
  constexpr Masks kBgr = {0xFF0000, 0xFF00, 0xFF};
  const bool has_masks = header.compression == kBitfields;
  if (header.compression > kBitfields) {
    fail(name, base::str("has compression ", header.compression,
                         ", expected 0 to 3 (none, run-length coding or bit fields)"));
  }
  const auto unusual = [&] {
    fail(name, base::str("has bit fields of an unusual kind for pixels of ", header.bits, " bits"));
  };
  switch (header.bits) {
    case 1:
    case 4:
    case 8:
      if (has_masks) unusual();
      return indexed(file, header, name);
    case 16:
      if (has_masks && header.masks != k555 && header.masks != k565) unusual();
      return fields(has_masks ? header.masks : k555);
    case 24:
      if (has_masks && header.masks != kBgr) unusual();
      break;
    case 32:
      break;
    default:
      fail(name, base::str("has pixels of ", header.bits, " bits, expected 1, 4, 8, 16, 24 or 32"));
  }
  Samples samples{.kind = Samples::Kind::kBytes, .bits = header.bits, .places = {2, 1, 0}};
  if (has_masks && header.masks != Masks{}) {
    for (std::size_t c = 0; c < 3; ++c) {
      const uint32_t mask = header.masks[c];
      const auto shift = static_cast<uint32_t>(mask == 0 ? 0 : std::countr_zero(mask));
      if (shift % 8 != 0 || mask >> shift != 0xFF) unusual();
      samples.places[c] = shift / 8;
    }
  }
  return samples;
}

/// Unpacks run-length coded indices, a byte each; 0 for those that are left out. FormatError if
/// they end before the picture's `width` x `height`.
std::vector<uint8_t> unpack_runs(Bytes file, std::size_t at, const Header& header,
                                 const std::string& name) {
  const bool nibbles = header.compression == kRle4;
  const auto width = static_cast<std::size_t>(header.width);
  const std::size_t count = width * static_cast<std::size_t>(header.height);
  std::vector<uint8_t> out;
  out.reserve(count);
  const auto add = [&](uint32_t byte, std::size_t index) {
    out.push_back(static_cast<uint8_t>(!nibbles ? byte : index % 2 == 0 ? byte >> 4 : byte & 15));
  };
  std::size_t x = 0;
  while (out.size() < count && at + 2 <= file.size()) {
    const std::size_t length = byte_at(file, at);
    const uint32_t value = byte_at(file, at + 1);
    at += 2;
    if (length > 0) {  // a run, which ends with its row at the latest
      const std::size_t fits = std::min(length, width - std::min(x, width));
      for (std::size_t i = 0; i < fits; ++i) add(value, i);
      x += fits;
    } else if (value == 0) {  // end of the row
      out.resize((out.size() + width - 1) / width * width);
      x = 0;
    } else if (value == 1) {  // end of the picture
      break;
    } else if (value == 2) {  // so many pixels and rows further
      if (at + 2 > file.size()) break;
      const std::size_t skip = byte_at(file, at) + byte_at(file, at + 1) * width;
      at += 2;
      out.resize(std::min(count, out.size() + skip));
      x = out.size() % width;
    } else {  // single indices, to an even place in the file
      const std::size_t single = std::min<std::size_t>(value, count - out.size());
      const std::size_t bytes = nibbles ? (single + 1) / 2 : single;
      if (at + bytes > file.size()) break;
      for (std::size_t i = 0; i < single; ++i) {
        add(byte_at(file, at + (nibbles ? i / 2 : i)), i);
      }
      x += value;
      at += bytes + (at + bytes) % 2;
    }
  }
  if (out.size() < count) {
    fail(name,
         base::str("is truncated: its runs are of ", out.size(), " pixels, expected ", count));
  }
  return out;
}

/// Writes a row's pixels as RGB.
void unpack_row(const Samples& samples, const uint8_t* row, std::size_t width, uint8_t* out) {
  for (std::size_t x = 0; x < width; ++x, out += 3) {
    const std::size_t bit = x * samples.bits;
    const uint8_t* in = row + bit / 8;
    switch (samples.kind) {
      case Samples::Kind::kIndices: {
        const std::size_t index = in[0] >> (8 - samples.bits - bit % 8) & ((1 << samples.bits) - 1);
        std::copy_n(samples.palette[index].begin(), 3, out);
        break;
      }
      case Samples::Kind::kFields:
        for (std::size_t c = 0; c < 3; ++c) {
          const uint32_t value =
              (in[0] | static_cast<uint32_t>(in[1]) << 8) >> samples.shifts[c] & samples.maxima[c];
          out[c] = static_cast<uint8_t>(value * 255 / samples.maxima[c]);
        }
        break;
      case Samples::Kind::kBytes:
        for (std::size_t c = 0; c < 3; ++c) out[c] = in[samples.places[c]];
        break;
    }
  }
}

/// The bitmap whose information header is at `header_at` and whose pixels begin at `pixels_at`, or
/// behind header and palette if that is 0.
Image decode_bitmap(Bytes file, std::size_t header_at, std::size_t pixels_at,
                    const std::string& name) {
  const Header header = read_header(file, header_at, name);
  check_size(header.width, header.height, name);
  Samples samples = find_samples(file, header, name);
  const bool indexed = header.bits <= 8;
  const std::size_t palette = indexed ? header.color_bytes * header.colors : 0;
  if (pixels_at == 0) {
    pixels_at = std::min(header.end + palette, file.size());
  } else if (indexed && pixels_at == header_at + header.size) {
    pixels_at += palette;  // the writer forgot it
  }

  const auto width = static_cast<std::size_t>(header.width);
  const auto rows = static_cast<std::size_t>(header.height);
  std::size_t stride = (width * header.bits + 31) / 32 * 4;
  std::vector<uint8_t> unpacked;
  const uint8_t* row = nullptr;
  if (header.compression == kRle8 || header.compression == kRle4) {
    if (!indexed) {
      fail(name,
           base::str("has run-length coded pixels of ", header.bits, " bits, expected 4 or 8"));
    }
    unpacked = unpack_runs(file, pixels_at, header, name);
    samples.bits = 8;
    stride = width;
    row = unpacked.data();
  } else {
    const std::size_t row_bytes = (width * samples.bits + 7) / 8;
    if (row_bytes > stride) {
      fail(name,
           base::str("has rows of ", stride, " bytes, its palette of grays needs ", row_bytes));
    }
    const std::size_t bytes = stride * (rows - 1) + row_bytes;
    if (pixels_at > file.size() || file.size() - pixels_at < bytes) {
      fail(name, base::str("is truncated: ", file.size(), " bytes, expected ", pixels_at + bytes));
    }
    row = reinterpret_cast<const uint8_t*>(file.data()) + pixels_at;
  }
  Image image{static_cast<int>(width), static_cast<int>(rows), {}};
  image.pixels.resize(3 * width * rows);
  for (std::size_t y = 0; y < rows; ++y, row += stride) {
    const std::size_t to = header.downwards ? y : rows - 1 - y;
    unpack_row(samples, row, width, image.pixels.data() + 3 * width * to);
  }
  return image;
}

}  // namespace

Image decode_bmp(Bytes file, const std::string& name) {
  if (file.size() < kFileHeader) {
    fail(name, base::str("is truncated: ", file.size(), " bytes, its header needs ", kFileHeader));
  }
  return decode_bitmap(file, kFileHeader, u32_little(file, 10), name);
}

Image decode_dib(Bytes file, const std::string& name) {
  return decode_bitmap(file, 0, 0, name);
}

}  // namespace data
