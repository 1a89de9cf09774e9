#include "base/error.h"
#include "data/codec.h"

#ifdef BLIP_HAS_LIBJPEG

#include <csetjmp>
#include <cstdio>
#include <vector>

#include <jpeglib.h>  // needs FILE and size_t before it

#include <jerror.h>

namespace data {
namespace {

/// libjpeg reports errors through callbacks that must not return, so they jump. A jump over C++
/// objects is undefined: the functions that call setjmp keep none, and what needs a destructor (the
/// decoder, the pixels) lives in decode_jpeg, which never jumps.
struct Decoder {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";
  bool ended_early = false;

  ~Decoder() { jpeg_destroy_decompress(&info); }
};

Decoder& owner(j_common_ptr info) {
  return *static_cast<Decoder*>(info->client_data);
}

[[noreturn]] void on_error(j_common_ptr info) {
  Decoder& decoder = owner(info);
  info->err->format_message(info, decoder.message);
  std::longjmp(decoder.jump, 1);
}

/// Damaged data is decoded as far as it goes, as Pillow does; data that stops is an error.
void on_warning(j_common_ptr info, int level) {
  if (level < 0 && info->err->msg_code == JWRN_JPEG_EOF) owner(info).ended_early = true;
}

bool read_header(Decoder& decoder, Bytes file) {
  jpeg_decompress_struct& info = decoder.info;
  info.err = jpeg_std_error(&decoder.errors);
  info.err->error_exit = on_error;
  info.err->emit_message = on_warning;
  info.client_data = &decoder;
  if (setjmp(decoder.jump) != 0) return false;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(&info, TRUE);
  return true;
}

/// a * b / 255, rounded, in Pillow's integer arithmetic.
uint8_t scale(uint32_t a, uint32_t b) {
  const uint32_t product = a * b + 128;
  return static_cast<uint8_t>(((product >> 8) + product) >> 8);
}

/// Ink to light as Pillow's convert("RGB"), for ink stored inverted (255 is none), which is what
/// Pillow takes every four-channel JPEG for.
void cmyk_to_rgb(uint8_t* rgb, const uint8_t* cmyk, int width) {
  for (int x = 0; x < width; ++x, rgb += 3, cmyk += 4) {
    const int light = cmyk[3];
    for (int c = 0; c < 3; ++c) {
      rgb[c] = static_cast<uint8_t>(light - scale(static_cast<uint32_t>(255 - cmyk[c]), cmyk[3]));
    }
  }
}

/// Fills the picture's rows; `row` holds one row of four channels.
bool read_rows(Decoder& decoder, uint8_t* pixels, uint8_t* row) {
  jpeg_decompress_struct& info = decoder.info;
  if (setjmp(decoder.jump) != 0) return false;
  jpeg_start_decompress(&info);
  const std::size_t stride = std::size_t{3} * info.output_width;
  while (info.output_scanline < info.output_height && !decoder.ended_early) {
    uint8_t* out = pixels + stride * info.output_scanline;
    JSAMPROW rows[] = {info.num_components == 3 ? out : row};
    jpeg_read_scanlines(&info, rows, 1);
    if (info.num_components == 4) cmyk_to_rgb(out, row, static_cast<int>(info.output_width));
    if (info.num_components == 1) {
      for (std::size_t i = 0; i < stride; ++i) out[i] = row[i / 3];
    }
  }
  if (!decoder.ended_early) jpeg_finish_decompress(&info);
  return true;
}

}  // namespace

Image decode_jpeg(Bytes file, const std::string& name) {
  Decoder decoder;
  jpeg_decompress_struct& info = decoder.info;
  const auto succeed = [&](bool done) {
    if (decoder.ended_early) {
      throw base::FormatError(name + ": JPEG is truncated: the data ends before the picture");
    }
    if (!done) throw base::FormatError(base::str(name, ": JPEG: ", decoder.message));
  };
  succeed(read_header(decoder, file));
  check_size(info.image_width, info.image_height, name);
  switch (info.num_components) {
    case 1:
      info.out_color_space = JCS_GRAYSCALE;
      break;
    case 3:
      info.out_color_space = JCS_RGB;
      break;
    case 4:
      info.out_color_space = JCS_CMYK;
      break;
    default:
      throw base::FormatError(
          base::str(name, ": JPEG has ", info.num_components, " channels, expected 1, 3 or 4"));
  }
  Image image{static_cast<int>(info.image_width), static_cast<int>(info.image_height), {}};
  image.pixels.resize(std::size_t{3} * info.image_width * info.image_height);
  std::vector<uint8_t> row(std::size_t{4} * info.image_width);
  succeed(read_rows(decoder, image.pixels.data(), row.data()));
  return image;
}

}  // namespace data

#else

#include <string_view>

namespace data {

/// stb_image invents what is missing of a truncated file, so look for the end marker first.
Image decode_jpeg(Bytes file, const std::string& name) {
  const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
  if (bytes.rfind("\xFF\xD9") == bytes.npos) {
    throw base::FormatError(base::str(name, ": JPEG is truncated: it has no end marker"));
  }
  return decode_with_stb(file, name);
}

}  // namespace data

#endif
