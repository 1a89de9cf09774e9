// From a picture to what the image encoder takes (transformers' BlipImageProcessor).
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "base/json.h"
#include "data/image.h"
#include "tensor/tensor.h"

namespace blip {

/// What a model folder says about its image processor, and which file says it.
struct ImageProcessorFile {
  std::string name;
  base::Json json;
};

/// The part `image_processor` of processor_config.json (all that transformers 5 writes), else
/// preprocessor_config.json, else processor_config.json itself where it has an image processor's
/// keys. Nothing where none of them is. FormatError if the latter two contradict each other.
std::optional<ImageProcessorFile> read_image_processor_file(const std::filesystem::path& folder);

/// The image processor of a model folder, with the values of BLIP where a key is absent.
struct ImageProcessor {
  int height = 384;
  int width = 384;
  double rescale_factor = 1 / 255.0;
  std::array<float, 3> mean{0.48145466f, 0.4578275f, 0.40821073f};
  std::array<float, 3> std{0.26862954f, 0.26130258f, 0.27577711f};

  /// Reads the folder's file (read_image_processor_file); without one, the values above with the
  /// given picture size (pixels). FormatError for steps that BLIP does not have (cropping, another
  /// filter, ...).
  static ImageProcessor load(const std::filesystem::path& folder, int64_t image_size);

  /// The picture squashed to height x width, bytes.
  data::Image resize(const data::Image& image) const;
  /// pixel_values [1, 3, height, width] = (rescale_factor * resized - mean) / std.
  tensor::Tensor operator()(const data::Image& image) const;
};

}  // namespace blip
