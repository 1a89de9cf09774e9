#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/parallel.h"
#include "tensor/backend.h"

namespace tensor::cpu {
namespace {

std::size_t floats(int64_t count) {
  return static_cast<std::size_t>(count) * sizeof(float);
}

void patches_forward(Tensor& patches, const Tensor& pixels, int64_t patch_size) {
  const int64_t channels = pixels.dim(1), height = pixels.dim(2), width = pixels.dim(3);
  const int64_t rows = height / patch_size, columns = width / patch_size;
  const int64_t patch_elements = channels * patch_size * patch_size;
  const float* from = pixels.data<float>();
  float* to = patches.data<float>();
  base::parallel_for(pixels.dim(0) * rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t strip = begin; strip < end; ++strip) {
      const int64_t picture = strip / rows, top = strip % rows * patch_size;
      for (int64_t c = 0; c < channels; ++c) {
        for (int64_t y = 0; y < patch_size; ++y) {
          const float* line = from + ((picture * channels + c) * height + top + y) * width;
          float* target = to + strip * columns * patch_elements + (c * patch_size + y) * patch_size;
          for (int64_t column = 0; column < columns; ++column) {
            std::memcpy(target + column * patch_elements, line + column * patch_size,
                        floats(patch_size));
          }
        }
      }
    }
  });
}

void tokens_forward(Tensor& tokens, const Tensor& patches, const Tensor& class_embedding,
                    const Tensor& positions) {
  const int64_t length = tokens.dim(1), channels = tokens.dim(2);
  const float* first = class_embedding.data<float>();
  const float* from = patches.data<float>();
  const float* places = positions.data<float>();
  float* to = tokens.data<float>();
  base::parallel_for(tokens.dim(0) * length, 64, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t picture = row / length, t = row % length;
      const float* content = t == 0 ? first : from + (picture * (length - 1) + t - 1) * channels;
      const float* place = places + t * channels;
      for (int64_t c = 0; c < channels; ++c) to[row * channels + c] = content[c] + place[c];
    }
  });
}

/// The four grid points that a resized point is made of, along one axis, and their weights: Keys'
/// cubic convolution ("Cubic Convolution Interpolation for Digital Image Processing", 1981).
struct Taps {
  std::array<int64_t, 4> index;
  std::array<float, 4> weight;
};

Taps taps(int64_t target, int64_t target_size, int64_t source_size) {
  constexpr float a = -0.75f;
  const auto near = [](float t) { return ((a + 2) * t - (a + 3)) * t * t + 1; };
  const auto far = [](float t) { return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a; };
  const float scale = static_cast<float>(source_size) / static_cast<float>(target_size);
  const float centre = scale * (static_cast<float>(target) + 0.5f) - 0.5f;
  const float base = std::floor(centre), t = centre - base;
  Taps result{.index = {}, .weight = {far(t + 1), near(t), near(1 - t), far(2 - t)}};
  for (int64_t i = 0; i < 4; ++i) {
    result.index[static_cast<std::size_t>(i)] =
        std::clamp<int64_t>(static_cast<int64_t>(base) + i - 1, 0, source_size - 1);
  }
  return result;
}

void interpolate_positions_forward(Tensor& resized, const Tensor& positions, int64_t height,
                                   int64_t width) {
  const int64_t channels = positions.dim(1);
  const auto side = std::lround(std::sqrt(static_cast<double>(positions.dim(0) - 1)));
  const float* from = positions.data<float>();
  float* to = resized.data<float>();
  std::memcpy(to, from, floats(channels));
  base::parallel_for(height * width, 16, [&](int64_t begin, int64_t end) {
    for (int64_t place = begin; place < end; ++place) {
      const Taps down = taps(place / width, height, side), right = taps(place % width, width, side);
      float* row = to + (1 + place) * channels;
      for (int64_t c = 0; c < channels; ++c) {
        float value = 0;
        for (std::size_t y = 0; y < 4; ++y) {
          float across = 0;
          for (std::size_t x = 0; x < 4; ++x) {
            const int64_t source = 1 + down.index[y] * side + right.index[x];
            across += from[source * channels + c] * right.weight[x];
          }
          value += across * down.weight[y];
        }
        row[c] = value;
      }
    }
  });
}

}  // namespace

constinit const PatchKernels patch{.patches_forward = patches_forward,
                                   .tokens_forward = tokens_forward,
                                   .interpolate_positions_forward = interpolate_positions_forward};

}  // namespace tensor::cpu
