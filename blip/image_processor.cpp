#include "blip/image_processor.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/json_value.h"

namespace blip {
namespace {

using base::FormatError;
using base::Json;
using base::JsonValue;
using base::str;

constexpr int64_t kMaxSide = 8192;

/// A side in pixels of {"height": .., "width": ..}, or of a single number for both.
int side(const JsonValue& size, const char* key) {
  return static_cast<int>((size.is_object() ? size.at(key) : size).integer(1, kMaxSide));
}

bool has(const Json& json, const char* key) {
  return json.contains(key) && !json[key].is_null();
}

std::optional<ImageProcessorFile> read_object(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  ImageProcessorFile file{.name = path.string(), .json = base::read_json(path)};
  if (!file.json.is_object()) throw FormatError(str(file.name, ": is not a JSON object"));
  return file;
}

constexpr const char* kKeys[] = {"do_resize",      "do_rescale", "do_normalize", "do_center_crop",
                                 "do_convert_rgb", "do_pad",     "resample",     "size",
                                 "rescale_factor", "image_mean", "image_std"};

/// Both files say it: they must say the same.
void expect_agreement(const ImageProcessorFile& file, const ImageProcessorFile& other) {
  for (const char* key : kKeys) {
    if (has(file.json, key) && has(other.json, key) && file.json[key] != other.json[key]) {
      throw FormatError(str(file.name, ": ", key, " is ", file.json[key].dump(), ", but ",
                            other.json[key].dump(), " in ", other.name));
    }
  }
}

std::array<float, 3> three_numbers(const JsonValue& list) {
  constexpr double kMax = std::numeric_limits<float>::max();
  const auto elements = list.elements(3);
  std::array<float, 3> numbers{};
  for (std::size_t i = 0; i < 3; ++i) {
    numbers[i] = static_cast<float>(elements[i].number(-kMax, kMax));
  }
  return numbers;
}

}  // namespace

std::optional<ImageProcessorFile> read_image_processor_file(const std::filesystem::path& folder) {
  std::optional<ImageProcessorFile> whole = read_object(folder / "processor_config.json");
  if (whole && has(whole->json, "image_processor")) {
    Json nested = whole->json["image_processor"];
    if (!nested.is_object()) {
      throw FormatError(str(whole->name, ": image_processor is a JSON ", nested.type_name(),
                            ", expected an object"));
    }
    return ImageProcessorFile{.name = whole->name, .json = std::move(nested)};
  }
  std::optional<ImageProcessorFile> alone = read_object(folder / "preprocessor_config.json");
  const bool flat = whole && std::any_of(std::begin(kKeys), std::end(kKeys),
                                         [&](const char* key) { return has(whole->json, key); });
  if (!flat) return alone;
  if (alone) expect_agreement(*whole, *alone);
  return alone ? alone : whole;
}

ImageProcessor ImageProcessor::load(const std::filesystem::path& folder, int64_t image_size) {
  ImageProcessor processor;
  processor.height = processor.width = static_cast<int>(image_size);
  const std::optional<ImageProcessorFile> file = read_image_processor_file(folder);
  if (!file) return processor;

  const JsonValue json(file->json, file->name);
  // This engine does just what BLIP's image processor does.
  json.expect("do_resize", true);
  json.expect("do_rescale", true);
  json.expect("do_normalize", true);
  json.expect("do_convert_rgb", true);
  json.expect("do_center_crop", false);
  json.expect("do_pad", false);
  json.expect("resample", 3);  // Pillow's number for bicubic
  if (const auto size = json.find("size")) {
    processor.height = side(*size, "height");
    processor.width = side(*size, "width");
  }
  json.number("rescale_factor", processor.rescale_factor);
  if (const auto mean = json.find("image_mean")) processor.mean = three_numbers(*mean);
  if (const auto std = json.find("image_std")) processor.std = three_numbers(*std);
  for (const float deviation : processor.std) {
    if (!(deviation > 0)) {
      throw FormatError(
          str(file->name, ": image_std has ", deviation, ", expected positive numbers"));
    }
  }
  return processor;
}

data::Image ImageProcessor::resize(const data::Image& image) const {
  return data::resize_bicubic(image, width, height);
}

tensor::Tensor ImageProcessor::operator()(const data::Image& image) const {
  const data::Image resized = resize(image);
  tensor::Tensor pixels = tensor::Tensor::empty({1, 3, height, width});
  const auto count = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    std::array<float, 256> normalised;  // a byte has 256 values: compute each once
    for (std::size_t value = 0; value < 256; ++value) {
      const auto rescaled = static_cast<float>(static_cast<double>(value) * rescale_factor);
      normalised[value] = (rescaled - mean[channel]) / std[channel];
    }
    float* plane = pixels.data<float>() + channel * count;
    for (std::size_t i = 0; i < count; ++i) {
      plane[i] = normalised[resized.pixels[3 * i + channel]];
    }
  }
  return pixels;
}

}  // namespace blip
