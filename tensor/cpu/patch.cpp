#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/rows.h"

namespace tensor::cpu {
namespace {

std::size_t floats(int64_t count) {
  return static_cast<std::size_t>(count) * sizeof(float);
}

/// Calls visit(place in patches, place in pixels) for each run of `patch_size` elements that lie
/// beside each other in both.
template <class Visit>
void for_each_run(const Tensor& pixels, int64_t patch_size, const Visit& visit) {
  const int64_t channels = pixels.dim(1), height = pixels.dim(2), width = pixels.dim(3);
  const int64_t rows = height / patch_size, columns = width / patch_size;
  const int64_t patch_elements = channels * patch_size * patch_size;
  base::parallel_for(pixels.dim(0) * rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t strip = begin; strip < end; ++strip) {
      const int64_t picture = strip / rows, top = strip % rows * patch_size;
      for (int64_t c = 0; c < channels; ++c) {
        for (int64_t y = 0; y < patch_size; ++y) {
          const int64_t line = ((picture * channels + c) * height + top + y) * width;
          const int64_t first =
              strip * columns * patch_elements + (c * patch_size + y) * patch_size;
          for (int64_t column = 0; column < columns; ++column) {
            visit(first + column * patch_elements, line + column * patch_size);
          }
        }
      }
    }
  });
}

void patches_forward(Tensor& patches, const Tensor& pixels, int64_t patch_size) {
  const float* from = pixels.data<float>();
  float* to = patches.data<float>();
  for_each_run(pixels, patch_size, [&](int64_t patch, int64_t pixel) {
    std::memcpy(to + patch, from + pixel, floats(patch_size));
  });
}

void patches_backward(const Gradient& dpixels, const Tensor& dpatches, int64_t patch_size) {
  const float* from = dpatches.data<float>();
  float* to = elements_of(dpixels);
  for_each_run(dpixels.sum, patch_size, [&](int64_t patch, int64_t pixel) {
    put(to + pixel, from + patch, patch_size, dpixels.add);
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

void tokens_backward(const Gradient& dpatches, const Gradient& dclass_embedding,
                     const Gradient& dpositions, const Tensor& dtokens) {
  const int64_t pictures = dtokens.dim(0), length = dtokens.dim(1), channels = dtokens.dim(2);
  const float* from = dtokens.data<float>();
  float* contents = elements_of(dpatches);
  float* first = elements_of(dclass_embedding);
  float* places = elements_of(dpositions);
  // The sum over the pictures of what token t has.
  const auto sum_to = [&](float* to, int64_t t, bool add) {
    if (pictures == 0 && !add) std::fill_n(to, channels, 0.0f);
    for (int64_t b = 0; b < pictures; ++b) {
      put(to, from + (b * length + t) * channels, channels, add || b > 0);
    }
  };
  base::parallel_for(length, 16, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      if (places) sum_to(places + t * channels, t, dpositions.add);
      if (first && t == 0) sum_to(first, t, dclass_embedding.add);
      for (int64_t b = 0; contents && t > 0 && b < pictures; ++b) {
        put(contents + (b * (length - 1) + t - 1) * channels, from + (b * length + t) * channels,
            channels, dpatches.add);
      }
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

void interpolate_positions_backward(const Gradient& dpositions, const Tensor& dresized,
                                    int64_t height, int64_t width) {
  const int64_t sources = dpositions.sum.dim(0), channels = dpositions.sum.dim(1);
  const auto side = std::lround(std::sqrt(static_cast<double>(sources - 1)));
  const float* from = dresized.data<float>();
  float* to = elements_of(dpositions);
  std::vector<Taps> down, right;
  for (int64_t y = 0; y < height; ++y) down.push_back(taps(y, height, side));
  for (int64_t x = 0; x < width; ++x) right.push_back(taps(x, width, side));
  // By channels, because several places add into one source.
  base::parallel_for(channels, 64, [&](int64_t begin, int64_t end) {
    put(to + begin, from + begin, end - begin, dpositions.add);
    for (int64_t source = 1; source < sources && !dpositions.add; ++source) {
      std::fill(to + source * channels + begin, to + source * channels + end, 0.0f);
    }
    for (int64_t place = 0; place < height * width; ++place) {
      const Taps& row = down[static_cast<std::size_t>(place / width)];
      const Taps& column = right[static_cast<std::size_t>(place % width)];
      const float* slope = from + (1 + place) * channels;
      for (std::size_t y = 0; y < 4; ++y) {
        for (std::size_t x = 0; x < 4; ++x) {
          const float weight = row.weight[y] * column.weight[x];
          float* sum = to + (1 + row.index[y] * side + column.index[x]) * channels;
          for (int64_t c = begin; c < end; ++c) sum[c] += slope[c] * weight;
        }
      }
    }
  });
}

}  // namespace

constinit const PatchKernels patch{
    .patches_forward = patches_forward,
    .patches_backward = patches_backward,
    .tokens_forward = tokens_forward,
    .tokens_backward = tokens_backward,
    .interpolate_positions_forward = interpolate_positions_forward,
    .interpolate_positions_backward = interpolate_positions_backward};

}  // namespace tensor::cpu
