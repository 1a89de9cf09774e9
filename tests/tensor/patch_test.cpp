#include "tensor/patch.h"

#include <gtest/gtest.h>

#include "tests/reference.h"

namespace {

using tensor::Tensor;

/// 0, 1, 2, ... so that every element names its place.
Tensor counting(const tensor::Shape& shape) {
  Tensor result = Tensor::empty(shape);
  for (int64_t i = 0; i < result.elements(); ++i) result.data<float>()[i] = static_cast<float>(i);
  return result;
}

TEST(Patches, LieRowByRowAsAConvolutionReadsThem) {
  for (const int64_t size : {1, 2, 3}) {
    const int64_t rows = 2, columns = 4, height = rows * size, width = columns * size;
    const Tensor pixels = counting({2, 3, height, width});
    Tensor patches = Tensor::empty({2 * rows * columns, 3 * size * size});
    tensor::patches_forward(patches, pixels, size);
    const float* next = patches.data<float>();
    for (int64_t picture = 0; picture < 2; ++picture) {
      for (int64_t row = 0; row < rows; ++row) {
        for (int64_t column = 0; column < columns; ++column) {
          for (int64_t channel = 0; channel < 3; ++channel) {
            for (int64_t y = 0; y < size; ++y) {
              for (int64_t x = 0; x < size; ++x) {
                const int64_t place =
                    ((picture * 3 + channel) * height + row * size + y) * width + column * size + x;
                ASSERT_EQ(*next++, static_cast<float>(place));
              }
            }
          }
        }
      }
    }
  }
}

TEST(Tokens, AreClassAndPatchesPlusPositions) {
  const Tensor patches = reference::random({2, 3, 5}, 1), first = reference::random({5}, 2),
               positions = reference::random({4, 5}, 3);
  Tensor tokens = Tensor::empty({2, 4, 5});
  tensor::tokens_forward(tokens, patches.reshape({6, 5}), first, positions.reshape({1, 4, 5}));
  for (int64_t b = 0; b < 2; ++b) {
    for (int64_t t = 0; t < 4; ++t) {
      for (int64_t c = 0; c < 5; ++c) {
        const float content =
            t == 0 ? first.data<float>()[c] : patches.data<float>()[(b * 3 + t - 1) * 5 + c];
        EXPECT_EQ(tokens.data<float>()[(b * 4 + t) * 5 + c],
                  content + positions.data<float>()[t * 5 + c]);
      }
    }
  }
}

/// The positions that the answers below are for: [1 + n*n, 2].
Tensor some_positions(int64_t n) {
  Tensor result = Tensor::empty({1 + n * n, 2});
  for (int64_t i = 0; i < 1 + n * n; ++i) {
    for (int64_t c = 0; c < 2; ++c) {
      result.data<float>()[i * 2 + c] = static_cast<float>((i * 7 + c * 5) % 11);
    }
  }
  return result;
}

/// What torch 2.15's interpolate(mode="bicubic", align_corners=False) gives for them.
TEST(Positions, InterpolateAsTorch) {
  const struct {
    int64_t side, height, width;
    std::vector<double> expected;
  } cases[] = {
      {3, 4, 5, {0,        5,         7.455778, 0.3997778, 5.015778, 4.075778, 3.071777,
                 8.071777, 7.067779,  6.127776, 10.74378,  3.687778, 6.854215, -1.526297,
                 4.414215, 2.734617,  2.470215, 7.470215,  6.466217, 5.613225, 10.14222,
                 3.086215, 5.913785,  3.202184, 3.473785,  4.959672, 1.529785, 6.529785,
                 5.525787, 4.300386,  9.201786, 2.145786,  5.312223, 11.17757, 2.872223,
                 9.147426, 0.9282227, 5.928223, 4.924224,  3.135376, 8.600224, 1.544223}},
      {5,
       2,
       3,
       {0, 5, 7.955368, 5.191552, 2.828125, 5.335938, 4.845631, 6.70493, 4.166958, 6.154371,
        5.664062, 8.171875, 5.808446, 3.839553}},
  };
  for (const auto& c : cases) {
    Tensor resized = Tensor::empty({1 + c.height * c.width, 2});
    tensor::interpolate_positions_forward(resized, some_positions(c.side), c.height, c.width);
    EXPECT_LT(reference::max_difference(resized, c.expected), 1e-5) << c.side;
  }
}

TEST(Positions, OfTheSameGridStayBitwise) {
  const Tensor positions = reference::random({1 + 24 * 24, 3}, 4);
  Tensor resized = Tensor::empty(positions.shape());
  tensor::interpolate_positions_forward(resized, positions, 24, 24);
  for (int64_t i = 0; i < positions.elements(); ++i) {
    ASSERT_EQ(resized.data<float>()[i], positions.data<float>()[i]) << i;
  }
}

template <class Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const base::ShapeError& error) {
    return error.what();
  }
  return "no error";
}

TEST(PatchErrors, NameTheOperationAndTheShapes) {
  Tensor out = Tensor::empty({4, 12});
  EXPECT_EQ(error_of([&] {
              tensor::patches_forward(out, Tensor::zeros({1, 3, 4, 5}), 2);
            }),
            "patches_forward: pixels is [1, 3, 4, 5], expected multiples of the patch size 2");
  EXPECT_EQ(error_of([&] {
              tensor::patches_forward(out, Tensor::zeros({1, 1, 4, 4}), 2);
            }),
            "patches_forward: pixels is [1, 1, 4, 4], expected [B, 3, H, W]");
  EXPECT_EQ(error_of([&] {
              tensor::patches_forward(out, Tensor::zeros({2, 3, 4, 4}), 2);
            }),
            "patches_forward: patches is [4, 12], expected [8, 12]");
  Tensor tokens = Tensor::empty({1, 4, 5});
  EXPECT_EQ(error_of([&] {
              tensor::tokens_forward(tokens, Tensor::zeros({1, 3, 5}), Tensor::zeros({4}),
                                     Tensor::zeros({4, 5}));
            }),
            "tokens_forward: class_embedding is [4], expected 5 elements");
  EXPECT_EQ(error_of([&] {
              tensor::interpolate_positions_forward(out, Tensor::zeros({8, 12}), 1, 3);
            }),
            "interpolate_positions_forward: positions is [8, 12], expected [1 + n*n, C]");
  EXPECT_EQ(error_of([&] {
              tensor::interpolate_positions_forward(out, Tensor::zeros({10, 12}), 0, 3);
            }),
            "interpolate_positions_forward: a grid of 0 x 3 patches");
}

}  // namespace
