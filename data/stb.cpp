// The one place where stb_image_write and, for builds without libjpeg, stb_image are compiled.
#include <algorithm>
#include <climits>
#include <cstdlib>
#include <memory>
#include <new>

#include "base/error.h"
#include "base/file.h"
#include "data/codec.h"

namespace {

#ifndef BLIP_HAS_LIBJPEG
/// The most that one allocation of stb_image may take: a picture that expands to more than its
/// header says is a trap, and stb_image would follow it until the memory is full.
thread_local std::size_t allocation_limit = 0;
thread_local bool out_of_memory = false;

void* bounded_realloc(void* block, std::size_t bytes) {
  if (bytes > allocation_limit) return nullptr;
  void* moved = std::realloc(block, bytes);
  out_of_memory = out_of_memory || !moved;
  return moved;
}
#endif

}  // namespace

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#ifndef BLIP_HAS_LIBJPEG
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_MALLOC(bytes) bounded_realloc(nullptr, bytes)
#define STBI_REALLOC(block, bytes) bounded_realloc(block, bytes)
#define STBI_FREE(block) std::free(block)
#include <stb_image.h>
#endif
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>
#pragma GCC diagnostic pop

namespace data {

#ifndef BLIP_HAS_LIBJPEG
namespace {

struct Free {
  void operator()(void* block) const { std::free(block); }
};

[[noreturn]] void fail(const std::string& name) {
  if (out_of_memory) throw std::bad_alloc();
  throw base::FormatError(base::str(name, ": picture is damaged or of an unsupported kind (",
                                    stbi_failure_reason(), ")"));
}

/// Checks the size that the header tells, before any memory is asked for.
Image sized_image(Bytes file, const std::string& name) {
  if (file.size() > INT_MAX) {
    throw base::FormatError(
        base::str(name, ": has ", file.size(), " bytes, at most ", INT_MAX, " expected"));
  }
  allocation_limit = 1 << 16;  // what reading a header needs
  out_of_memory = false;
  Image image;
  int channels = 0;
  if (!stbi_info_from_memory(reinterpret_cast<const stbi_uc*>(file.data()),
                             static_cast<int>(file.size()), &image.width, &image.height,
                             &channels)) {
    fail(name);
  }
  check_size(image.width, image.height, name);
  const auto pixels =
      static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  image.pixels.resize(3 * pixels);
  // Rows of at most four channels of two bytes, in a buffer that doubles; the compressed data; and
  // fixed tables.
  allocation_limit = 18 * (pixels + static_cast<std::size_t>(image.height)) + 2 * file.size() +
                     (std::size_t{1} << 18);
  return image;
}

}  // namespace

Image decode_jpeg_with_stb(Bytes file, const std::string& name) {
  Image image = sized_image(file, name);
  int width = 0, height = 0, channels = 0;
  const std::unique_ptr<stbi_uc, Free> pixels(
      stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(file.data()),
                            static_cast<int>(file.size()), &width, &height, &channels, 3));
  if (!pixels || width != image.width || height != image.height) fail(name);
  std::copy_n(pixels.get(), image.pixels.size(), image.pixels.data());
  return image;
}
#endif

void write_png(const std::filesystem::path& path, const Image& image) {
  std::string png;
  const auto append = [](void* out, void* bytes, int count) {
    static_cast<std::string*>(out)->append(static_cast<const char*>(bytes),
                                           static_cast<std::size_t>(count));
  };
  if (!stbi_write_png_to_func(append, &png, image.width, image.height, 3, image.pixels.data(),
                              3 * image.width)) {
    throw base::UsageError(base::str(path.string(), ": cannot write a picture of ", image.width,
                                     " x ", image.height, " pixels"));
  }
  base::replace_file(path, png);
}

}  // namespace data
