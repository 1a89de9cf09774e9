#include "data/image.h"

#include <new>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "data/codec.h"
#include "data/exif.h"

namespace data {
namespace {

struct Format {
  bool (*matches)(std::string_view head);
  Image (*decode)(Bytes file, const std::string& name);
  int (*orientation)(Bytes file);
};

int always_upright(Bytes) {
  return 1;
}

constexpr Format kFormats[] = {
    {[](std::string_view head) { return head.starts_with("\xFF\xD8\xFF"); }, decode_jpeg,
     jpeg_orientation},
    {[](std::string_view head) { return head.starts_with("\x89PNG\r\n\x1A\n"); }, decode_png,
     png_orientation},
    {[](std::string_view head) {
       return head.starts_with("RIFF") && head.size() >= 12 && head.substr(8, 4) == "WEBP";
     },
     decode_webp, webp_orientation},
    {[](std::string_view head) { return head.starts_with("GIF87a") || head.starts_with("GIF89a"); },
     decode_gif, always_upright},
    {[](std::string_view head) { return head.starts_with("BM"); }, decode_bmp, always_upright},
    {[](std::string_view head) {
       constexpr std::string_view kHeaderSizes = "\x0C\x28\x34\x38\x40\x6C\x7C";
       return head.size() >= 4 && kHeaderSizes.find(head[0]) != kHeaderSizes.npos &&
              head.substr(1, 3) == std::string_view("\0\0\0", 3);
     },
     decode_dib, always_upright},
};

}  // namespace

void check_size(int64_t width, int64_t height, const std::string& name) {
  if (width <= 0 || height <= 0) {
    throw base::FormatError(
        base::str(name, ": picture of ", width, " x ", height, " pixels has no pixels"));
  }
  if (height > kMaxPixels / width) {
    throw base::FormatError(base::str(name, ": picture of ", width, " x ", height,
                                      " pixels is too large, at most ", kMaxPixels,
                                      " pixels expected"));
  }
}

Image decode_image(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.empty()) throw base::FormatError(name + ": is empty, expected a picture");
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const Format& format : kFormats) {
    if (format.matches(head)) {
      try {
        return upright(format.decode(bytes, name), format.orientation(bytes));
      } catch (const std::bad_alloc&) {
        throw base::FileError(name + ": not enough memory for this picture");
      }
    }
  }
  throw base::FormatError(name + ": is not a picture, expected JPEG, PNG, WebP, GIF or BMP");
}

Image read_image(const std::filesystem::path& path) {
  return decode_image(base::MappedFile::open(path)->bytes(), path.string());
}

}  // namespace data
