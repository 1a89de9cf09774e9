#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/parallel.h"
#include "data/image.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace data {
namespace {

// Pillow weighs with 22-bit integers (libImaging/Resample.c): 32 bits less 8 for the pixel and 2
// for sums of weights beyond one.
constexpr int kPrecision = 32 - 8 - 2;
constexpr int32_t kHalf = 1 << (kPrecision - 1);  // rounds a sum
constexpr double kRadius = 2;                     // of the kernel, in pixels of the coarser side

// SSE2 multiplies 16-bit numbers only. A weight of 24 bits is high * 2^11 + low, each of which fits
// 16 bits; their sums are taken apart and put together at the end, so nothing is lost.
constexpr int kLowBits = 11;

/// Keys' cubic convolution with a = -0.5, in Pillow's order of operations.
double cubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/// How one axis is resized: output i is the sum over k < taps[i] of input[begin[i] + k] times
/// high[i * stride + k] * 2^11 + low[...]. Weights past taps[i] are zero; stride is even.
struct Weights {
  std::ptrdiff_t stride;
  std::vector<int> begin, taps;
  std::vector<int16_t> high, low;
};

Weights make_weights(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double stretch = std::max(scale, 1.0);  // shrinking widens the kernel: antialiasing
  const double support = kRadius * stretch, step = 1 / stretch;
  const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(std::ceil(support)) * 2 + 2;
  const auto size = static_cast<std::size_t>(out * stride);
  Weights weights{stride, std::vector<int>(out), std::vector<int>(out), std::vector<int16_t>(size),
                  std::vector<int16_t>(size)};
  std::vector<double> exact(static_cast<std::size_t>(stride));
  for (int i = 0; i < out; ++i) {
    const double center = (i + 0.5) * scale;
    const int begin = std::max(static_cast<int>(center - support + 0.5), 0);
    const int taps = std::min(static_cast<int>(center + support + 0.5), in) - begin;
    double sum = 0;
    for (int k = 0; k < taps; ++k) {
      exact[k] = cubic((k + begin - center + 0.5) * step);
      sum += exact[k];
    }
    weights.begin[i] = begin;
    weights.taps[i] = taps;
    for (int k = 0; k < taps; ++k) {
      const double scaled = (sum != 0 ? exact[k] / sum : exact[k]) * (1 << kPrecision);
      const int weight = static_cast<int>(scaled + (scaled < 0 ? -0.5 : 0.5));
      weights.high[i * stride + k] = static_cast<int16_t>(weight >> kLowBits);
      weights.low[i * stride + k] = static_cast<int16_t>(weight & ((1 << kLowBits) - 1));
    }
  }
  return weights;
}

uint8_t clip(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kPrecision, 0, 255));
}

/// One byte of the result, from bytes that lie `distance` apart.
uint8_t weigh(const uint8_t* in, std::ptrdiff_t distance, const int16_t* high, const int16_t* low,
              int taps) {
  int32_t sum = kHalf;
  for (int k = 0; k < taps; ++k) sum += in[k * distance] * (high[k] * (1 << kLowBits) + low[k]);
  return clip(sum);
}

#ifdef __SSE2__

/// Two 16-bit weights beside each other, in every 32-bit lane.
__m128i load_pair(const int16_t* weights) {
  int32_t pair;
  std::memcpy(&pair, weights, sizeof pair);
  return _mm_set1_epi32(pair);
}

/// Four running sums, of pairs of pixels (16 bits each) times pairs of weights.
struct Sums {
  __m128i high = _mm_setzero_si128(), low = _mm_set1_epi32(kHalf);

  void add(__m128i pixels, __m128i high_pair, __m128i low_pair) {
    high = _mm_add_epi32(high, _mm_madd_epi16(pixels, high_pair));
    low = _mm_add_epi32(low, _mm_madd_epi16(pixels, low_pair));
  }
  __m128i result() const {
    return _mm_srai_epi32(_mm_add_epi32(_mm_slli_epi32(high, kLowBits), low), kPrecision);
  }
};

#endif

/// Rows that the horizontal pass takes at a time, so that a weight is loaded once for all.
constexpr int kRows = 4;

/// Writes `rows` <= kRows rows of the horizontal pass. The input rows are copied to `scratch`,
/// kRows rows of `scratch_stride` bytes, where reading a little past a row's end is harmless.
void horizontal(uint8_t* out, int out_width, const uint8_t* in, int in_width, int rows,
                const Weights& weights, uint8_t* scratch, std::ptrdiff_t scratch_stride) {
  const std::ptrdiff_t in_stride = std::ptrdiff_t{3} * in_width;
  for (int row = 0; row < rows; ++row) {
    std::memcpy(scratch + row * scratch_stride, in + row * in_stride,
                static_cast<std::size_t>(in_stride));
  }
  for (int x = 0; x < out_width; ++x) {
    const int16_t* high = weights.high.data() + x * weights.stride;
    const int16_t* low = weights.low.data() + x * weights.stride;
    const uint8_t* pixel = scratch + std::ptrdiff_t{3} * weights.begin[x];
    uint8_t* target = out + std::ptrdiff_t{3} * x;
#ifdef __SSE2__
    const __m128i zero = _mm_setzero_si128();
    Sums sums[kRows];
    for (int k = 0; k < weights.taps[x]; k += 2) {
      const __m128i high_pair = load_pair(high + k), low_pair = load_pair(low + k);
      for (int row = 0; row < kRows; ++row) {
        int32_t first, second;  // RGB of pixels k and k + 1, and a byte more
        std::memcpy(&first, pixel + row * scratch_stride + 3 * k, 4);
        std::memcpy(&second, pixel + row * scratch_stride + 3 * k + 3, 4);
        const __m128i bytes =
            _mm_unpacklo_epi8(_mm_cvtsi32_si128(first), _mm_cvtsi32_si128(second));
        sums[row].add(_mm_unpacklo_epi8(bytes, zero), high_pair, low_pair);
      }
    }
    for (int row = 0; row < rows; ++row) {
      const __m128i words = _mm_packs_epi32(sums[row].result(), zero);
      const int32_t rgb = _mm_cvtsi128_si32(_mm_packus_epi16(words, zero));
      std::memcpy(target + std::ptrdiff_t{3} * row * out_width, &rgb, 3);
    }
#else
    for (int row = 0; row < rows; ++row) {
      for (int c = 0; c < 3; ++c) {
        target[std::ptrdiff_t{3} * row * out_width + c] =
            weigh(pixel + row * scratch_stride + c, 3, high, low, weights.taps[x]);
      }
    }
#endif
  }
}

/// Writes row y of the vertical pass; rows have `stride` bytes.
void vertical(uint8_t* out, const uint8_t* in, std::ptrdiff_t stride, const Weights& weights,
              int y) {
  const int taps = weights.taps[y];
  const int16_t* high = weights.high.data() + y * weights.stride;
  const int16_t* low = weights.low.data() + y * weights.stride;
  in += weights.begin[y] * stride;
  std::ptrdiff_t i = 0;
#ifdef __SSE2__
  const __m128i zero = _mm_setzero_si128();
  for (; i + 16 <= stride; i += 16) {
    const auto load = [&](int k) {
      return k < taps ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + k * stride + i))
                      : zero;
    };
    Sums sums[4];
    for (int k = 0; k < taps; k += 2) {
      const __m128i high_pair = load_pair(high + k), low_pair = load_pair(low + k);
      const __m128i a = load(k), b = load(k + 1);
      const __m128i front = _mm_unpacklo_epi8(a, b), back = _mm_unpackhi_epi8(a, b);
      sums[0].add(_mm_unpacklo_epi8(front, zero), high_pair, low_pair);
      sums[1].add(_mm_unpackhi_epi8(front, zero), high_pair, low_pair);
      sums[2].add(_mm_unpacklo_epi8(back, zero), high_pair, low_pair);
      sums[3].add(_mm_unpackhi_epi8(back, zero), high_pair, low_pair);
    }
    const __m128i front = _mm_packs_epi32(sums[0].result(), sums[1].result());
    const __m128i back = _mm_packs_epi32(sums[2].result(), sums[3].result());
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), _mm_packus_epi16(front, back));
  }
#endif
  for (; i < stride; ++i) out[i] = weigh(in + i, stride, high, low, taps);
}

Image blank(int width, int height) {
  return {width, height,
          std::vector<uint8_t>(std::size_t{3} * static_cast<std::size_t>(width) *
                               static_cast<std::size_t>(height))};
}

Image resize_width(const Image& image, int width) {
  const Weights weights = make_weights(image.width, width);
  Image out = blank(width, image.height);
  const std::ptrdiff_t in_stride = std::ptrdiff_t{3} * image.width;
  const std::ptrdiff_t scratch_stride = in_stride + 8;
  constexpr int64_t kBlocksAtOnce = 8;
  base::parallel_for(
      (image.height + kRows - 1) / kRows, kBlocksAtOnce, [&](int64_t begin, int64_t end) {
        std::vector<uint8_t> scratch(static_cast<std::size_t>(kRows * scratch_stride));
        for (int64_t y = begin * kRows; y < std::min<int64_t>(end * kRows, image.height);
             y += kRows) {
          horizontal(out.pixels.data() + 3 * y * width, width, image.pixels.data() + y * in_stride,
                     image.width, static_cast<int>(std::min<int64_t>(kRows, image.height - y)),
                     weights, scratch.data(), scratch_stride);
        }
      });
  return out;
}

Image resize_height(const Image& image, int height) {
  const Weights weights = make_weights(image.height, height);
  Image out = blank(image.width, height);
  const std::ptrdiff_t stride = std::ptrdiff_t{3} * image.width;
  constexpr int64_t kRowsAtOnce = 16;
  base::parallel_for(height, kRowsAtOnce, [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y) {
      vertical(out.pixels.data() + y * stride, image.pixels.data(), stride, weights,
               static_cast<int>(y));
    }
  });
  return out;
}

}  // namespace

Image resize_bicubic(const Image& image, int width, int height) {
  const auto check = [](const char* what, int64_t w, int64_t h) {
    if (w <= 0 || h <= 0 || h > kMaxPixels / w) {
      throw base::UsageError(base::str("resize_bicubic: ", what, " is ", w, " x ", h,
                                       " pixels, expected 1 to ", kMaxPixels, " pixels"));
    }
  };
  check("input", image.width, image.height);
  check("output", width, height);
  if (width == image.width && height == image.height) return image;
  if (width == image.width) return resize_height(image, height);
  if (height == image.height) return resize_width(image, width);
  // Rounding between the passes makes their order visible. Pillow 13 takes the rows first where
  // that drops many of them; older versions always take the columns first.
  const int rows_dropped = image.height - height, columns_dropped = image.width - width;
  if (rows_dropped > 2 * static_cast<int64_t>(std::max(columns_dropped, 0))) {
    return resize_width(resize_height(image, height), width);
  }
  return resize_height(resize_width(image, width), height);
}

}  // namespace data
