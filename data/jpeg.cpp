#include "base/error.h"
#include "data/codec.h"

#ifdef BLIP_HAS_LIBJPEG

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <new>
#include <vector>

#include <jpeglib.h>  // needs FILE and size_t before it

#include <jerror.h>

namespace data {
namespace {

/// Hands a file to libjpeg as Pillow does: in pieces of 64 KiB, and where libjpeg asks for more it
/// has to stop and is called again. So what is wrong behind the last row, or missing, matters only
/// if it comes in the same piece.
struct Source {
  jpeg_source_mgr manager{};  // first: libjpeg knows the source by it
  Bytes rest;                 // that was not handed on yet
  std::size_t skip = 0;       // bytes of it to be passed over
};

/// libjpeg reports errors through callbacks that must not return, so they jump. A jump over C++
/// objects is undefined: the functions that call setjmp keep none, and what needs a destructor (the
/// decoder, the pixels) lives in decode_jpeg, which never jumps.
struct Decoder {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  Source source;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";
  bool out_of_memory = false;

  ~Decoder() { jpeg_destroy_decompress(&info); }
};

[[noreturn]] void on_error(j_common_ptr info) {
  Decoder& decoder = *static_cast<Decoder*>(info->client_data);
  decoder.out_of_memory = info->err->msg_code == JERR_OUT_OF_MEMORY;
  info->err->format_message(info, decoder.message);
  std::longjmp(decoder.jump, 1);
}

/// Damaged data is decoded as far as it goes, as Pillow does.
void ignore_message(j_common_ptr, int) {}
void do_nothing(j_decompress_ptr) {}
boolean stop(j_decompress_ptr) {
  return FALSE;
}

void skip_bytes(j_decompress_ptr info, long count) {
  if (count <= 0) return;
  auto& source = *reinterpret_cast<Source*>(info->src);
  const auto skipped = std::min(static_cast<std::size_t>(count), source.manager.bytes_in_buffer);
  source.manager.next_input_byte += skipped;
  source.manager.bytes_in_buffer -= skipped;
  source.skip += static_cast<std::size_t>(count) - skipped;
}

/// The file's next piece, behind what libjpeg has not used of the one before; false at its end.
bool read_on(Source& source) {
  constexpr std::size_t kPiece = 1 << 16;
  if (source.rest.empty()) return false;
  const std::size_t size = std::min(kPiece, source.rest.size());
  source.rest = source.rest.subspan(size);
  source.manager.bytes_in_buffer += size;
  const std::size_t skipped = std::min(source.skip, source.manager.bytes_in_buffer);
  source.manager.next_input_byte += skipped;
  source.manager.bytes_in_buffer -= skipped;
  source.skip -= skipped;
  return true;
}

/// How a step of decoding ended.
enum class End { kDone, kTruncated, kFailed };

End read_header(Decoder& decoder, Bytes file) {
  jpeg_decompress_struct& info = decoder.info;
  info.err = jpeg_std_error(&decoder.errors);
  info.err->error_exit = on_error;
  info.err->emit_message = ignore_message;
  info.client_data = &decoder;
  if (setjmp(decoder.jump) != 0) return End::kFailed;
  jpeg_create_decompress(&info);
  jpeg_source_mgr& manager = decoder.source.manager;
  manager.init_source = manager.term_source = do_nothing;
  manager.fill_input_buffer = stop;
  manager.skip_input_data = skip_bytes;
  manager.resync_to_restart = jpeg_resync_to_restart;
  manager.next_input_byte = reinterpret_cast<const JOCTET*>(file.data());
  decoder.source.rest = file;
  info.src = &manager;
  // Tables without a picture may come before the picture.
  for (int found = JPEG_SUSPENDED; found != JPEG_HEADER_OK;) {
    if (found == JPEG_SUSPENDED && !read_on(decoder.source)) return End::kTruncated;
    found = jpeg_read_header(&info, FALSE);
  }
  return End::kDone;
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
End read_rows(Decoder& decoder, uint8_t* pixels, uint8_t* row) {
  jpeg_decompress_struct& info = decoder.info;
  if (setjmp(decoder.jump) != 0) return End::kFailed;
  while (!jpeg_start_decompress(&info)) {
    if (!read_on(decoder.source)) return End::kTruncated;
  }
  const std::size_t stride = std::size_t{3} * info.output_width;
  while (info.output_scanline < info.output_height) {
    uint8_t* out = pixels + stride * info.output_scanline;
    JSAMPROW rows[] = {info.num_components == 3 ? out : row};
    if (jpeg_read_scanlines(&info, rows, 1) == 0) {
      if (!read_on(decoder.source)) return End::kTruncated;
      continue;
    }
    if (info.num_components == 4) cmyk_to_rgb(out, row, static_cast<int>(info.output_width));
    if (info.num_components == 1) {
      for (std::size_t i = 0; i < stride; ++i) out[i] = row[i / 3];
    }
  }
  jpeg_finish_decompress(&info);  // stops where the end marker is missing; all rows are there
  return End::kDone;
}

}  // namespace

Image decode_jpeg(Bytes file, const std::string& name) {
  Decoder decoder;
  jpeg_decompress_struct& info = decoder.info;
  const auto succeed = [&](End end) {
    if (end == End::kTruncated) {
      throw base::FormatError(name + ": JPEG is truncated: the data ends before the picture");
    }
    if (decoder.out_of_memory) throw std::bad_alloc();
    if (end == End::kFailed) throw base::FormatError(base::str(name, ": JPEG: ", decoder.message));
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
  return decode_jpeg_with_stb(file, name);
}

}  // namespace data

#endif
