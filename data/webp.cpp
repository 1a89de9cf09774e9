#include "base/error.h"
#include "data/codec.h"

#ifdef BLIP_HAS_WEBP

#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

namespace data {

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
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(
      WebPAnimDecoderNew(&data, &options), WebPAnimDecoderDelete);
  uint8_t* rgba = nullptr;
  int timestamp = 0;
  if (!decoder || !WebPAnimDecoderGetNext(decoder.get(), &rgba, &timestamp)) {
    throw base::FormatError(name + ": WebP is damaged or truncated");
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
