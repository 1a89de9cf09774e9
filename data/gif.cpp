#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "data/codec.h"

namespace data {
namespace {

using Color = std::array<uint8_t, 3>;

/// The first frame of a GIF: where it lies on the screen and the colours of its indices.
struct Frame {
  uint32_t left, top, width, height;
  bool interlaced;
  std::array<Color, 256> palette;
};

/// Reads a file front to back and knows what to say when it ends.
class Reader {
 public:
  Reader(Bytes file, const std::string& name) : file_(file), name_(name) {}

  std::size_t position() const { return at_; }
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
  /// A table of 2^(bits + 1) colours; Pillow shows what is beyond it black, and grays if there is
  /// no table.
  std::array<Color, 256> palette(uint32_t flags) {
    std::array<Color, 256> colors;
    if ((flags & 0x80) == 0) {
      for (std::size_t i = 0; i < 256; ++i) colors[i].fill(static_cast<uint8_t>(i));
      return colors;
    }
    colors.fill({0, 0, 0});
    const std::size_t count = std::size_t{2} << (flags & 7);
    const Bytes table = take(3 * count);
    for (std::size_t i = 0; i < 3 * count; ++i) {
      colors[i / 3][i % 3] = static_cast<uint8_t>(table[i]);
    }
    return colors;
  }

 private:
  Bytes file_;
  const std::string& name_;
  std::size_t at_ = 6;  // after the signature
};

/// The frame alone, as a file with a full palette and without transparency: stb_image reads
/// indices past the palette from elsewhere, and leaves transparent pixels black where
/// convert("RGB") shows their colour.
std::vector<std::byte> opaque_gif(const Frame& frame, Bytes raster) {
  const auto low = [](uint32_t value) { return static_cast<uint8_t>(value); };
  const auto high = [](uint32_t value) { return static_cast<uint8_t>(value >> 8); };
  std::vector<uint8_t> out = {'G', 'I', 'F', '8', '9', 'a'};
  const std::array<uint8_t, 4> size = {low(frame.width), high(frame.width), low(frame.height),
                                       high(frame.height)};
  out.insert(out.end(), size.begin(), size.end());
  out.insert(out.end(), {0xF7, 0, 0});  // a global palette of 256 colours
  for (const Color& color : frame.palette) out.insert(out.end(), color.begin(), color.end());
  out.insert(out.end(), {0x2C, 0, 0, 0, 0});  // the frame fills the screen
  out.insert(out.end(), size.begin(), size.end());
  out.push_back(frame.interlaced ? 0x40 : 0);
  std::vector<std::byte> file(out.size());
  std::transform(out.begin(), out.end(), file.begin(), [](uint8_t b) { return std::byte{b}; });
  file.insert(file.end(), raster.begin(), raster.end());
  file.push_back(std::byte{0x3B});
  return file;
}

}  // namespace

Image decode_gif(Bytes file, const std::string& name) {
  Reader in(file, name);
  uint32_t width = in.u16(), height = in.u16();
  const uint32_t screen_flags = in.u8();
  in.take(2);  // background colour and aspect ratio: nobody uses them
  Frame frame{};
  frame.palette = in.palette(screen_flags);

  uint32_t around = 0;  // the index that fills the screen around the frame
  for (uint32_t block = in.u8(); block != 0x2C; block = in.u8()) {
    if (block != 0x21) {
      throw base::FormatError(base::str(name, ": GIF has a block of type ", block,
                                        " where a frame or an extension is expected"));
    }
    constexpr uint32_t kGraphicControl = 0xF9;
    if (in.u8() == kGraphicControl) {
      const Bytes control = in.take(in.u8());
      if (control.size() >= 4) around = byte_at(control, 0) & 1 ? byte_at(control, 3) : 0;
    }
    in.skip_blocks();
  }

  frame.left = in.u16();
  frame.top = in.u16();
  frame.width = in.u16();
  frame.height = in.u16();
  const uint32_t flags = in.u8();
  if (flags & 0x80) frame.palette = in.palette(flags);
  frame.interlaced = flags & 0x40;
  const std::size_t raster_begin = in.position();
  in.take(1);
  in.skip_blocks();
  const Bytes raster = file.subspan(raster_begin, in.position() - raster_begin);

  // A frame that leaves the screen makes it larger.
  width = std::max(width, frame.left + frame.width);
  height = std::max(height, frame.top + frame.height);
  check_size(width, height, name);
  check_size(frame.width, frame.height, name);
  Image decoded = decode_with_stb(opaque_gif(frame, raster), name);
  if (frame.width == width && frame.height == height) return decoded;

  Image image{static_cast<int>(width), static_cast<int>(height), {}};
  image.pixels.resize(std::size_t{3} * width * height);
  const Color& color = frame.palette[around];
  for (auto out = image.pixels.begin(); out != image.pixels.end();) {
    out = std::copy(color.begin(), color.end(), out);
  }
  const std::size_t row = std::size_t{3} * frame.width;
  for (std::size_t y = 0; y < frame.height; ++y) {
    std::copy_n(decoded.pixels.data() + y * row, row,
                image.pixels.data() + 3 * ((frame.top + y) * width + frame.left));
  }
  return image;
}

}  // namespace data
