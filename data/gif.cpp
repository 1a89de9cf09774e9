#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/error.h"
#include "data/codec.h"
#include "data/lzw.h"

namespace data {
namespace {

using Palette = std::array<Rgb, 256>;

/// The first frame of a GIF: where it lies on the screen and how its rows are stored.
struct Frame {
  uint32_t left, top, width, height;
  bool interlaced;
};

/// Reads a file front to back and knows what to say when it ends.
class Reader {
 public:
  Reader(Bytes file, const std::string& name) : file_(file), name_(name) {}

  Bytes rest() const { return file_.subspan(at_); }
  Bytes take(std::size_t count) {
    if (count > file_.size() - at_) {
      throw base::FormatError(base::str(name_, ": GIF is truncated after ", file_.size(),
                                        " bytes, before the end of its first frame"));
    }
    at_ += count;
    return file_.subspan(at_ - count, count);
  }
  uint32_t u8() { return byte_at(take(1), 0); }
  uint32_t u16() { return u16_little(take(2), 0); }
  void skip_blocks() {
    while (const uint32_t length = u8()) take(length);
  }

 private:
  Bytes file_;
  const std::string& name_;
  std::size_t at_ = 6;  // after the signature
};

Palette grays() {
  Palette palette;
  for (std::size_t i = 0; i < palette.size(); ++i) palette[i].fill(static_cast<uint8_t>(i));
  return palette;
}

/// A table of 2^(bits + 1) colours, and black beyond it. None where every index is its own gray:
/// then it is its own gray beyond the table too.
std::optional<Palette> read_palette(Reader& in, uint32_t flags) {
  Palette palette{};
  const std::size_t count = std::size_t{2} << (flags & 7);
  const Bytes table = in.take(3 * count);
  for (std::size_t i = 0; i < 3 * count; ++i) {
    palette[i / 3][i % 3] = static_cast<uint8_t>(table[i]);
  }
  const Palette gray = grays();
  if (std::equal(gray.begin(), gray.begin() + static_cast<std::ptrdiff_t>(count),
                 palette.begin())) {
    return std::nullopt;
  }
  return palette;
}

/// Reads an extension; the transparent index if it names one.
std::optional<uint32_t> read_extension(Reader& in) {
  constexpr uint32_t kGraphicControl = 0xF9, kComment = 0xFE;
  const uint32_t label = in.u8();
  const Bytes block = in.take(in.u8());
  std::optional<uint32_t> transparent;
  if (label == kGraphicControl && block.size() >= 4 && byte_at(block, 0) & 1) {
    transparent = byte_at(block, 3);
  }
  // As Pillow, which looks for further blocks behind an empty first one, except in a comment.
  if (!block.empty() || label != kComment) in.skip_blocks();
  return transparent;
}

}  // namespace

Image decode_gif(Bytes file, const std::string& name) {
  Reader in(file, name);
  uint32_t width = in.u16(), height = in.u16();
  const uint32_t screen_flags = in.u8();
  in.take(2);  // background colour and aspect ratio: nobody uses them
  std::optional<Palette> palette;
  if (screen_flags & 0x80) palette = read_palette(in, screen_flags);

  uint32_t around = 0;  // the index that fills the screen around the frame
  for (uint32_t block = in.u8(); block != ','; block = in.u8()) {
    if (block == ';') throw base::FormatError(name + ": GIF has no frame before its end");
    if (block != '!') continue;  // zeros between blocks, or rubbish
    if (const auto transparent = read_extension(in)) around = *transparent;
  }

  Frame frame{};
  frame.left = in.u16();
  frame.top = in.u16();
  frame.width = in.u16();
  frame.height = in.u16();
  const uint32_t flags = in.u8();
  frame.interlaced = flags & 0x40;
  if (flags & 0x80) {
    // A gray table does not make the picture gray where the screen has colours.
    if (const auto local = read_palette(in, flags)) palette = local;
  }
  const uint32_t code_bits = in.u8();

  // A frame that leaves the screen makes it larger.
  width = std::max(width, frame.left + frame.width);
  height = std::max(height, frame.top + frame.height);
  check_size(width, height, name);
  check_size(frame.width, frame.height, name);
  const std::vector<uint8_t> indices =
      decode_lzw(in.rest(), code_bits, std::size_t{frame.width} * frame.height, name);

  const Palette colors = palette.value_or(grays());
  Image image{static_cast<int>(width), static_cast<int>(height), {}};
  image.pixels.resize(std::size_t{3} * width * height);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = colors[around][i % 3];
  }
  const uint8_t* index = indices.data();
  const auto fill_rows = [&](uint32_t first, uint32_t step) {
    for (uint32_t y = first; y < frame.height; y += step) {
      uint8_t* out = image.pixels.data() + 3 * (std::size_t{frame.top + y} * width + frame.left);
      for (uint32_t x = 0; x < frame.width; ++x) {
        out = std::copy_n(colors[*index++].begin(), 3, out);
      }
    }
  };
  if (frame.interlaced) {
    fill_rows(0, 8);
    fill_rows(4, 8);
    fill_rows(2, 4);
    fill_rows(1, 2);
  } else {
    fill_rows(0, 1);
  }
  return image;
}

}  // namespace data
