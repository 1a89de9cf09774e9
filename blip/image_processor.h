// From a picture to what the image encoder takes (transformers' BlipImageProcessor).
#pragma once

#include <array>
#include <filesystem>
#include <span>

#include "data/image.h"
#include "tensor/tensor.h"

namespace blip {

/// preprocessor_config.json, with the values of BLIP where a key is absent.
struct ImageProcessor {
  int height = 384;
  int width = 384;
  double rescale_factor = 1 / 255.0;
  std::array<float, 3> mean{0.48145466f, 0.4578275f, 0.40821073f};
  std::array<float, 3> std{0.26862954f, 0.26130258f, 0.27577711f};

  /// Reads the folder's file; without one, the values above with the given picture size (pixels).
  /// FormatError for steps that BLIP does not have (cropping, another filter, ...).
  static ImageProcessor load(const std::filesystem::path& folder, int64_t image_size);

  /// The picture squashed to height x width, bytes.
  data::Image resize(const data::Image& image) const;
  /// pixel_values [1, 3, height, width] = (rescale_factor * resized - mean) / std.
  tensor::Tensor operator()(const data::Image& image) const;
};

}  // namespace blip
