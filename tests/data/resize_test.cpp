#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include "data/image.h"
#include "tests/data/fixtures.h"
#include "tests/temporary_folder.h"

namespace {

using data::Image;

Image noise(int width, int height) {
  Image image{width, height, {}};
  base::Random random(1);
  for (int i = 0; i < 3 * width * height; ++i) {
    image.pixels.push_back(static_cast<uint8_t>(random.below(256)));
  }
  return image;
}

double cubic(double x) {
  x = std::abs(x);
  if (x < 1) return 1.5 * x * x * x - 2.5 * x * x + 1;
  return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
}

/// Weights of all inputs for output i, in double precision.
std::vector<double> weights(int in, int out, int i) {
  const double scale = static_cast<double>(in) / out, stretch = std::max(scale, 1.0);
  std::vector<double> all(in);
  double sum = 0;
  for (int k = 0; k < in; ++k) sum += all[k] = cubic((k + 0.5 - (i + 0.5) * scale) / stretch);
  for (double& weight : all) weight /= sum;
  return all;
}

/// The naive twin: one sum over all pixels of both axes, clipped after the first as Pillow does,
/// rounded at the end only.
std::vector<double> twin(const Image& image, int width, int height) {
  std::vector<double> narrowed, out;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::vector<double> w = weights(image.width, width, x);
      for (int c = 0; c < 3; ++c) {
        double sum = 0;
        for (int k = 0; k < image.width; ++k) {
          sum += w[k] * image.pixels[3 * (y * image.width + k) + c];
        }
        narrowed.push_back(std::clamp(sum, 0.0, 255.0));
      }
    }
  }
  for (int y = 0; y < height; ++y) {
    const std::vector<double> w = weights(image.height, height, y);
    for (int i = 0; i < 3 * width; ++i) {
      double sum = 0;
      for (int k = 0; k < image.height; ++k) sum += w[k] * narrowed[3 * k * width + i];
      out.push_back(std::clamp(sum, 0.0, 255.0));
    }
  }
  return out;
}

TEST(Resize, EqualsPillowInEveryByte) {
  const std::vector<fixtures::Expected> all = fixtures::expected("resized.txt");
  ASSERT_EQ(all.size(), 10u);
  for (const fixtures::Expected& want : all) {
    const Image source = data::read_image(fixtures::fixture(want.name));
    const Image image = data::resize_bicubic(source, want.image.width, want.image.height);
    EXPECT_EQ(image.pixels, want.image.pixels) << want.image.width << " x " << want.image.height;
  }
}

TEST(Resize, IsWithinRoundingOfItsTwin) {
  constexpr int kSizes[][4] = {{1, 1, 9, 5},     {1, 40, 3, 7},    {40, 1, 7, 3},
                               {17, 13, 64, 48}, {64, 48, 17, 13}, {33, 31, 31, 33},
                               {5, 90, 16, 16},  {90, 5, 16, 16}};
  for (const auto& [in_width, in_height, width, height] : kSizes) {
    const Image source = noise(in_width, in_height);
    const Image image = data::resize_bicubic(source, width, height);
    const std::vector<double> exact = twin(source, width, height);
    ASSERT_EQ(image.pixels.size(), exact.size());
    // Where rows go first the clipping in between is another, so those are left to Pillow's bytes.
    if (in_height - height > 2 * std::max(in_width - width, 0)) continue;
    double worst = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      worst = std::max(worst, std::abs(image.pixels[i] - exact[i]));
    }
    EXPECT_LT(worst, 1.5) << in_width << " x " << in_height << " to " << width << " x " << height;
  }
}

TEST(Resize, IsTheSameForAnyNumberOfThreads) {
  const Image source = noise(301, 203);
  const int before = base::num_threads();
  base::set_num_threads(1);
  const Image one = data::resize_bicubic(source, 96, 97);
  for (const int threads : {2, 7}) {
    base::set_num_threads(threads);
    EXPECT_EQ(data::resize_bicubic(source, 96, 97).pixels, one.pixels) << threads;
  }
  base::set_num_threads(before);
}

TEST(Resize, SaysWhichSizeMakesNoSense) {
  const auto message = [](const Image& image, int width, int height) {
    return error_of<base::UsageError>([&] { data::resize_bicubic(image, width, height); });
  };
  EXPECT_EQ(message(noise(2, 2), 0, 5),
            "resize_bicubic: output is 0 x 5 pixels, expected 1 to 178956970 pixels");
  EXPECT_EQ(message(noise(2, 2), 65535, 65535),
            "resize_bicubic: output is 65535 x 65535 pixels, expected 1 to 178956970 pixels");
  EXPECT_EQ(message({}, 4, 4),
            "resize_bicubic: input is 0 x 0 pixels, expected 1 to 178956970 pixels");
}

}  // namespace
