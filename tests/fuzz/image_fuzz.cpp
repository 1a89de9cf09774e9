// Decodes any bytes as a picture, and resizes what comes out of it.
#include <algorithm>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "data/codec.h"

namespace {

using data::Bytes, data::u16_big, data::u16_little, data::u32_big, data::u32_little;

/// A few bytes can promise 178 million pixels, which only take time. Every place where a format may
/// hold a size is looked at, so some small pictures are left out too.
bool may_be_large(Bytes file) {
  constexpr uint64_t kLarge = 1 << 20;
  const auto large = [](uint64_t width, uint64_t height) { return width * height > kLarge; };
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (file.size() < 30) return false;
  if (!text.starts_with("GIF") && !text.starts_with("RIFF")) {  // perhaps a bitmap
    const Bytes header = file.subspan(text.starts_with("BM") ? 14 : 0);
    const bool first_version = u32_little(header, 0) == 12;
    const uint32_t height = first_version ? u16_little(header, 6) : u32_little(header, 8);
    if (large(first_version ? u16_little(header, 4) : u32_little(header, 4),
              static_cast<uint64_t>(std::abs(int64_t{static_cast<int32_t>(height)}))) &&
        (text.starts_with("BM") || u32_little(header, 0) <= 124)) {
      return true;
    }
  }
  for (std::size_t i = 0; i + 14 < file.size(); ++i) {
    const Bytes at = file.subspan(i);
    const std::string_view here = text.substr(i);
    if (text.starts_with("GIF") && here[0] == 0x2C &&
        large(std::max(u16_little(file, 6), u16_little(at, 1) + u16_little(at, 5)),
              std::max(u16_little(file, 8), u16_little(at, 3) + u16_little(at, 7)))) {
      return true;
    }
    if (text.starts_with("\x89PNG") && here.starts_with("IHDR") &&
        large(u32_big(at, 4), u32_big(at, 8))) {
      return true;
    }
    if (text.starts_with("\xFF\xD8") && here[0] == '\xFF' && (here[1] & 0xF0) == 0xC0 &&
        large(u16_big(at, 5), u16_big(at, 7))) {
      return true;
    }
    if (here.starts_with("\x9D\x01\x2A") &&
        large(u16_little(at, 3) & 0x3FFF, u16_little(at, 5) & 0x3FFF)) {
      return true;
    }
    if (here.starts_with("VP8L") &&
        large((u32_little(at, 9) & 0x3FFF) + 1, (u32_little(at, 9) >> 14 & 0x3FFF) + 1)) {
      return true;
    }
  }
  return text.starts_with("RIFF") && text.substr(12, 4) == "VP8X" &&
         large((u32_little(file, 24) & 0xFFFFFF) + 1, (u32_little(file, 26) >> 8) + 1);
}

/// Gives every chunk of a PNG its right checksum: chance finds none, and nothing would be tested
/// behind it.
void repair_checksums(std::vector<std::byte>& png) {
  for (std::size_t at = 8; at + 12 <= png.size();) {
    const std::size_t length = u32_big(png, at);
    if (length > png.size() - at - 12) return;
    uint32_t crc = ~0u;
    for (std::size_t i = at + 4; i < at + 8 + length; ++i) {
      crc ^= static_cast<uint32_t>(png[i]);
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    for (int i = 0; i < 4; ++i) {
      png[at + 8 + length + i] = static_cast<std::byte>(~crc >> (24 - 8 * i) & 0xFF);
    }
    at += 12 + length;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, std::size_t size) {
  const Bytes input = std::as_bytes(std::span(bytes, size));
  if (may_be_large(input)) return 0;
  std::vector<std::byte> file(input.begin(), input.end());
  if (size > 8 && bytes[0] == 0x89) repair_checksums(file);
  try {
    data::resize_bicubic(data::decode_image(file, "fuzz"), 9, 7);
  } catch (const base::Error&) {
  }
  return 0;
}
