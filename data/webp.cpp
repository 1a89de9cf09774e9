#include "base/error.h"
#include "data/codec.h"

#ifdef BLIP_HAS_WEBP

#include <webp/decode.h>
#include <webp/demux.h>
#include <algorithm>

#include <memory>
#include <new>

namespace data {
namespace {

/// libwebp's animation decoder does not say why it failed: do what it does once more, in steps that
/// do.
[[noreturn]] void fail(const WebPData& file, int width, int height, const std::string& name) {
  constexpr std::size_t kCanvases = 2, kRgba = 4;
  const std::size_t size =
      kCanvases * kRgba * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const auto canvases = std::make_unique_for_overwrite<uint8_t[]>(size);
  const std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)> demuxer(WebPDemux(&file),
                                                                         WebPDemuxDelete);
  WebPIterator frame{};
  VP8StatusCode status = VP8_STATUS_OK;
  if (demuxer && WebPDemuxGetFrame(demuxer.get(), 1, &frame)) {
    WebPDecoderConfig config;
    WebPInitDecoderConfig(&config);
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA = {canvases.get(), static_cast<int>(kRgba) * frame.width, size};
    status = WebPDecode(frame.fragment.bytes, frame.fragment.size, &config);
  }
  WebPDemuxReleaseIterator(&frame);
  if (status == VP8_STATUS_OUT_OF_MEMORY) throw std::bad_alloc();
  throw base::FormatError(name + ": WebP is damaged or truncated");
}

}  // namespace

/// Through libwebp's animation decoder, as Pillow: a still picture is its own first frame.
Image decode_webp(Bytes file, const std::string& name) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(file.data());
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(bytes, file.size(), &features) != VP8_STATUS_OK) {
    throw base::FormatError(name + ": WebP header is damaged or truncated");
  }
  check_size(features.width, features.height, name);

  const WebPData data{bytes, file.size()};
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_RGBA;
  std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(
      WebPAnimDecoderNew(&data, &options), WebPAnimDecoderDelete);
  uint8_t* rgba = nullptr;
  int timestamp = 0;
  if (!decoder || !WebPAnimDecoderGetNext(decoder.get(), &rgba, &timestamp)) {
    decoder.reset();
    fail(data, features.width, features.height, name);
  }
  Image image{features.width, features.height, {}};
  image.pixels.resize(std::size_t{3} * static_cast<std::size_t>(image.width) *
                      static_cast<std::size_t>(image.height));
  for (std::size_t i = 0; i < image.pixels.size(); i += 3, rgba += 4) {
    std::copy(rgba, rgba + 3, image.pixels.data() + i);
  }
  return image;
}

}  // namespace data

#else

namespace data {

Image decode_webp(Bytes, const std::string& name) {
  throw base::FormatError(name +
                          ": is a WebP picture, which this build (without libwebp) cannot read");
}

}  // namespace data

#endif
