#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

#include "base/error.h"
#include "data/codec.h"
#include "data/inflate.h"
#include "data/png_chunks.h"

namespace data {
namespace {

constexpr uint32_t kGray = 0, kRgb = 2, kIndexed = 3, kGrayAlpha = 4, kRgbAlpha = 6;

/// A rectangle of the picture.
struct Frame {
  uint32_t left = 0, top = 0, width = 0, height = 0;
};

struct Header {
  uint32_t width = 0, height = 0, depth = 0, color = 0;
  bool interlaced = false;
  std::array<Rgb, 256> palette{};  ///< black where the file names no colour
  std::optional<Frame> frame;      ///< of an animation's first frame
  std::optional<uint32_t> frames;  ///< that an animation says it has

  uint32_t channels() const {
    return color == kRgb ? 3 : color == kGrayAlpha ? 2 : color == kRgbAlpha ? 4 : 1;
  }
  std::size_t bits() const { return std::size_t{depth} * channels(); }
};

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw base::FormatError(base::str(name, ": PNG ", what));
}

bool is_supported(uint32_t depth, uint32_t color) {
  switch (color) {
    case kGray:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case kIndexed:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case kRgb:
    case kGrayAlpha:
    case kRgbAlpha:
      return depth == 8 || depth == 16;
    default:
      return false;
  }
}

void read_ihdr(Header& header, const PngChunk& chunk, const std::string& name) {
  if (chunk.content.size() < 13) fail(name, "has a header of fewer than 13 bytes");
  const Bytes bytes = chunk.content;
  header.width = u32_big(bytes, 0);
  header.height = u32_big(bytes, 4);
  header.depth = byte_at(bytes, 8);
  header.color = byte_at(bytes, 9);
  header.interlaced = byte_at(bytes, 12) != 0;
  if (!is_supported(header.depth, header.color)) {
    fail(name, base::str("has colours of type ", header.color, " and ", header.depth,
                         " bits, which no PNG has"));
  }
  if (byte_at(bytes, 11) != 0) fail(name, "has filters of an unknown kind");
}

void read_plte(Header& header, const PngChunk& chunk, const std::string& name) {
  if (header.color != kIndexed) return;  // a hint for screens of few colours
  const std::size_t colors = chunk.content.size() / 3;
  if (colors > header.palette.size()) {
    fail(name, base::str("has a palette of ", colors, " colours, expected at most 256"));
  }
  header.palette.fill({0, 0, 0});
  for (std::size_t i = 0; i < 3 * colors; ++i) {
    header.palette[i / 3][i % 3] = static_cast<uint8_t>(chunk.content[i]);
  }
}

/// The frame control chunk of an animation: where the next frame lies.
void read_fctl(Header& header, const PngChunk& chunk, const std::string& name) {
  if (chunk.content.size() < 26) fail(name, "has a frame of an animation without its place");
  const Frame frame{u32_big(chunk.content, 12), u32_big(chunk.content, 16),
                    u32_big(chunk.content, 4), u32_big(chunk.content, 8)};
  if (frame.width == 0 || frame.height == 0 || uint64_t{frame.left} + frame.width > header.width ||
      uint64_t{frame.top} + frame.height > header.height) {
    fail(name, "has a frame of an animation that does not lie in the picture");
  }
  header.frame = frame;
}

/// The animation control chunk. A second one, or a strange number, and it is no animation.
void read_actl(Header& header, const PngChunk& chunk, const std::string& name) {
  if (chunk.content.size() < 8) fail(name, "has an animation without its number of frames");
  const uint32_t frames = u32_big(chunk.content, 0);
  if (header.frames) {
    header.frames.reset();
  } else if (frames > 0 && frames <= 0x80000000) {
    header.frames = frames;
  }
}

/// Everything before the picture's data, with checksums; leaves `chunks` before the data.
Header read_header(PngChunks& chunks, const std::string& name) {
  Header header;
  bool known = false;
  while (true) {
    const auto chunk = chunks.next();
    if (!chunk) fail(name, "is truncated: it ends before the picture's data");
    if (!chunk->is_named()) fail(name, "is damaged: it has a chunk whose name is no name");
    if (chunk->type == "IEND") fail(name, "has no picture data before its end");
    if (known && (chunk->type == "IDAT" || chunk->type == "fdAT")) return header;
    if (chunk->content.size() < chunk->length) {
      fail(name, base::str("is truncated: chunk ", chunk->type, " of ", chunk->length,
                           " bytes has only ", chunk->content.size()));
    }
    if (!chunk->matches_checksum()) {
      fail(name, base::str("is damaged: chunk ", chunk->type, " does not match its checksum"));
    }
    if (chunk->type == "IHDR") read_ihdr(header, *chunk, name);
    if (chunk->type == "IHDR") known = true;
    if (chunk->type == "PLTE") read_plte(header, *chunk, name);
    if (chunk->type == "acTL") read_actl(header, *chunk, name);
    if (chunk->type == "fcTL") read_fctl(header, *chunk, name);
    chunks.skip();
  }
}

/// The picture's data: what is in its chunks, joined.
class Data {
 public:
  /// Takes the data chunks that follow each other; leaves `chunks` behind the last one used.
  Data(PngChunks& chunks, const std::string& name)
      : stream_(join(chunks)), inflater_(stream_), name_(name) {}

  /// Fills a row. False if the picture ends with this row, though it may not be full of rows.
  bool read(std::span<uint8_t> row) {
    if (inflater_.exhausted()) release();
    std::size_t filled = 0;
    while (true) {
      const Inflater::State state = inflater_.fill(row, filled);
      if (state == Inflater::State::kBroken) fail(name_, "is damaged: its data is not sound");
      if (filled == row.size()) return state != Inflater::State::kEnd;
      release();
    }
  }

  /// Where the file goes on behind the chunk that the last row came from.
  std::size_t chunk_end() const { return pieces_[released_ - 1].chunk_end; }

 private:
  struct Piece {
    std::size_t end, chunk_end;
  };

  /// Pillow hands on at most 64 KiB at a time, and no more than a chunk. What is wrong behind the
  /// last row matters to it only if it came with that row.
  std::vector<std::byte> join(PngChunks& chunks) {
    constexpr std::size_t kPiece = 1 << 16;
    std::vector<std::byte> stream;
    for (auto chunk = chunks.next(); chunk && chunk->is_data(); chunk = chunks.next()) {
      Bytes rest = chunk->data();
      while (!rest.empty()) {
        const Bytes piece = rest.first(std::min(kPiece, rest.size()));
        stream.insert(stream.end(), piece.begin(), piece.end());
        pieces_.push_back({stream.size(), chunk->end()});
        rest = rest.subspan(piece.size());
      }
      chunks.skip();
    }
    return stream;
  }

  void release() {
    if (released_ == pieces_.size()) {
      fail(name_, "is truncated: its data ends before the picture");
    }
    inflater_.release(pieces_[released_++].end);
  }

  std::vector<Piece> pieces_;
  std::vector<std::byte> stream_;
  Inflater inflater_;
  std::size_t released_ = 0;
  const std::string& name_;
};

/// Undoes a row's filter (PNG specification, section 9), which is its first byte; `above` is the
/// row before, zeros for the first; `step` is the bytes from a sample to its left neighbour.
void unfilter(std::span<uint8_t> row, std::span<const uint8_t> above, std::size_t step,
              const std::string& name) {
  const auto left = [&](std::size_t i) { return i > step ? row[i - step] : uint8_t{0}; };
  const auto add = [&](std::size_t i, int value) { row[i] = static_cast<uint8_t>(row[i] + value); };
  switch (row[0]) {
    case 0:
      return;
    case 1:
      for (std::size_t i = 1 + step; i < row.size(); ++i) add(i, row[i - step]);
      return;
    case 2:
      for (std::size_t i = 1; i < row.size(); ++i) add(i, above[i]);
      return;
    case 3:
      for (std::size_t i = 1; i < row.size(); ++i) add(i, (left(i) + above[i]) / 2);
      return;
    case 4:
      for (std::size_t i = 1; i < row.size(); ++i) {
        const int a = left(i), b = above[i], c = i > step ? above[i - step] : 0;
        const int pa = std::abs(b - c), pb = std::abs(a - c), pc = std::abs(a + b - 2 * c);
        add(i, pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
      }
      return;
    default:
      fail(name, base::str("is damaged: a row has filter ", int{row[0]}, ", expected 0 to 4"));
  }
}

/// Pixel `x` of a row of samples.
Rgb pixel(const Header& header, const uint8_t* row, std::size_t x) {
  if (header.depth < 8) {
    const std::size_t at = x * header.depth;
    const uint32_t most = (1u << header.depth) - 1;
    const uint32_t value = row[at / 8] >> (8 - header.depth - at % 8) & most;
    if (header.color == kIndexed) return header.palette[value];
    const auto gray = static_cast<uint8_t>(value * 255 / most);
    return {gray, gray, gray};
  }
  const std::size_t size = header.depth / 8;
  const uint8_t* sample = row + x * size * header.channels();
  if (header.color == kIndexed) return header.palette[sample[0]];
  if (header.color == kRgb || header.color == kRgbAlpha) {
    return {sample[0], sample[size], sample[2 * size]};
  }
  // Gray of 16 bits is Pillow's mode I;16, which it cuts off above 255 rather than scale it.
  const bool cut = header.color == kGray && size == 2 && sample[0] > 0;
  const uint8_t gray = cut ? 255 : sample[header.color == kGray ? size - 1 : 0];
  return {gray, gray, gray};
}

/// The pixels of one pass over the picture: from (x, y) on, every dx-th of every dy-th row.
struct Pass {
  uint32_t x, y, dx, dy;
};
constexpr Pass kWhole[] = {{0, 0, 1, 1}};
constexpr Pass kAdam7[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                           {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

/// Writes the frame's pixels into the picture until the data ends.
void read_pixels(Image& image, const Header& header, const Frame& frame, Data& data,
                 const std::string& name) {
  const std::size_t step = (header.bits() + 7) / 8;
  std::vector<uint8_t> row, above;
  for (const Pass& pass : header.interlaced ? std::span<const Pass>(kAdam7) : kWhole) {
    const std::size_t columns =
        frame.width > pass.x ? (frame.width - pass.x + pass.dx - 1) / pass.dx : 0;
    if (columns == 0) continue;
    row.assign(1 + (columns * header.bits() + 7) / 8, 0);
    above.assign(row.size(), 0);
    for (uint32_t y = pass.y; y < frame.height; y += pass.dy) {
      const bool more = data.read(row);
      unfilter(row, above, step, name);
      uint8_t* out = image.pixels.data() +
                     3 * (std::size_t{frame.top + y} * header.width + frame.left + pass.x);
      for (std::size_t i = 0; i < columns; ++i, out += 3 * pass.dx) {
        const Rgb color = pixel(header, row.data() + 1, i);
        std::copy(color.begin(), color.end(), out);
      }
      if (!more) return;
      std::swap(row, above);
    }
  }
}

/// Behind the picture a file may stop, or go on with rubbish, but not within a chunk; of an
/// animation's later frames nothing is read.
void check_rest(PngChunks chunks, const Header& header, const std::string& name) {
  // A picture without frame control comes before all frames.
  const bool animated = header.frames && (*header.frames > 1 || !header.frame);
  for (auto chunk = chunks.next(); chunk && chunk->is_named(); chunk = chunks.next()) {
    if (chunk->type == "IEND" || (animated && chunk->type == "fcTL")) return;
    if (chunk->content.size() < chunk->length) {
      fail(name, base::str("is truncated: chunk ", chunk->type, " of ", chunk->length,
                           " bytes has only ", chunk->content.size()));
    }
    chunks.skip();
  }
}

}  // namespace

Image decode_png(Bytes file, const std::string& name) {
  PngChunks chunks(file);
  const Header header = read_header(chunks, name);
  check_size(header.width, header.height, name);
  Frame frame = header.frame.value_or(Frame{0, 0, header.width, header.height});
  if (header.interlaced) frame.left = frame.top = 0;  // as Pillow places it
  Data data(chunks, name);
  Image image{static_cast<int>(header.width), static_cast<int>(header.height), {}};
  image.pixels.resize(std::size_t{3} * header.width * header.height);
  if (header.color == kIndexed) {
    // What no row reaches has index 0.
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      image.pixels[i] = header.palette[0][i % 3];
    }
  }
  read_pixels(image, header, frame, data, name);
  check_rest(PngChunks(file, data.chunk_end()), header, name);
  return image;
}

}  // namespace data
