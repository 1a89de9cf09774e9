#include "tensor/patch.h"

#include <gtest/gtest.h>

#include "tests/errors.h"
#include "tests/reference/patch.h"

namespace {

using reference::Values;
using reference::values;
using tensor::Gradient;
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

TEST(Patches, BackwardPutsEachElementBack) {
  for (const std::size_t size : {1u, 2u, 5u}) {
    const auto side = static_cast<int64_t>(size);
    const tensor::Shape shape{2, 3, 2 * side, 4 * side};
    const std::vector<std::size_t> places = reference::patch_places(2, 2 * size, 4 * size, size);
    const Tensor pixels = counting(shape);
    const Tensor dpatches = reference::random({16, 3 * side * side}, 1);
    Tensor patches = Tensor::empty(dpatches.shape());
    tensor::patches_forward(patches, pixels, side);
    Values twin(places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      ASSERT_EQ(patches.data<float>()[i], static_cast<float>(places[i]));
      twin[places[i]] = dpatches.data<float>()[i];
    }
    reference::expect_gradient(shape, twin, 1e-6, [&](const Gradient& dpixels) {
      tensor::patches_backward(dpixels, dpatches, side);
    });
  }
}

TEST(Tokens, BackwardEqualsItsTwin) {
  // Some channels are no multiple of a register, the last length takes several chunks; no picture.
  const struct {
    int64_t pictures, length, channels;
  } sizes[] = {{2, 4, 5}, {1, 1, 3}, {3, 35, 17}, {0, 3, 2}};
  for (const auto& [pictures, length, channels] : sizes) {
    const Tensor dtokens = reference::random({pictures, length, channels}, 1);
    const auto b = static_cast<std::size_t>(pictures), t = static_cast<std::size_t>(length),
               c = static_cast<std::size_t>(channels);
    const Values dy = values(dtokens);
    const reference::TokensGradients twin = reference::tokens_backward(dy, b, t, c);
    const reference::TokensGradients at{
        values(reference::random({pictures, length - 1, channels}, 2)),
        values(reference::random({channels}, 3)), values(reference::random({length, channels}, 4))};
    reference::expect_differences(
        [&](const Values& x) {
          return reference::tokens({x, at.class_embedding, at.positions}, b, t, c);
        },
        at.patches, dy, twin.patches);
    reference::expect_differences(
        [&](const Values& x) {
          return reference::tokens({at.patches, x, at.positions}, b, t, c);
        },
        at.class_embedding, dy, twin.class_embedding);
    reference::expect_differences(
        [&](const Values& x) {
          return reference::tokens({at.patches, at.class_embedding, x}, b, t, c);
        },
        at.positions, dy, twin.positions);

    // Each by itself and beside each combination of the others, wanted or not.
    for (int others = 0; others < 4; ++others) {
      const auto other = [&](int bit, const tensor::Shape& shape) {
        return others & bit ? Gradient{Tensor::zeros(shape), true} : Gradient{};
      };
      const tensor::Shape content{pictures * (length - 1), channels}, first{1, 1, channels},
          places{length, channels};
      reference::expect_gradient(content, twin.patches, 1e-6, [&](const Gradient& d) {
        tensor::tokens_backward(d, other(1, first), other(2, places), dtokens);
      });
      reference::expect_gradient(
          {pictures, length - 1, channels}, twin.patches, 1e-6,
          [&](const Gradient& d) { tensor::tokens_backward(d, other(1, first), {}, dtokens); });
      reference::expect_gradient(first, twin.class_embedding, 1e-6, [&](const Gradient& d) {
        tensor::tokens_backward(other(1, content), d, other(2, places), dtokens);
      });
      reference::expect_gradient(places, twin.positions, 1e-6, [&](const Gradient& d) {
        tensor::tokens_backward(other(1, content), other(2, first), d, dtokens);
      });
    }
  }
}

TEST(Positions, TwinEqualsTheKernel) {
  const reference::PositionGrids grids{.side = 5, .height = 7, .width = 4, .channels = 3};
  const Tensor positions = reference::random({26, 3}, 5);
  Tensor resized = Tensor::empty({29, 3});
  tensor::interpolate_positions_forward(resized, positions, 7, 4);
  EXPECT_LT(reference::max_difference(resized,
                                      reference::interpolate_positions(values(positions), grids)),
            5e-6);
}

TEST(Positions, BackwardEqualsItsTwin) {
  // Larger, smaller, longer; more channels than a chunk has.
  const reference::PositionGrids cases[] = {
      {3, 4, 5, 2}, {5, 2, 3, 1}, {4, 4, 4, 3}, {1, 3, 2, 2}, {6, 9, 4, 131}};
  for (const reference::PositionGrids& grids : cases) {
    const auto channels = static_cast<int64_t>(grids.channels);
    const auto height = static_cast<int64_t>(grids.height), width = int64_t(grids.width);
    const Tensor dresized = reference::random({1 + height * width, channels}, 6);
    const tensor::Shape shape{static_cast<int64_t>(1 + grids.side * grids.side), channels};
    const Values twin = reference::interpolate_positions_backward(values(dresized), grids);
    if (grids.channels < 4) {
      reference::expect_differences(
          [&](const Values& x) { return reference::interpolate_positions(x, grids); },
          values(reference::random(shape, 7)), values(dresized), twin);
    }
    reference::expect_gradient(shape, twin, 1e-5, [&](const Gradient& dpositions) {
      tensor::interpolate_positions_backward(dpositions, dresized, height, width);
    });
  }
}

TEST(PatchErrors, NameTheOperationAndTheShapes) {
  Tensor out = Tensor::empty({4, 12});
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::patches_forward(out, Tensor::zeros({1, 3, 4, 5}), 2);
            }),
            "patches_forward: pixels is [1, 3, 4, 5], expected multiples of the patch size 2");
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::patches_forward(out, Tensor::zeros({1, 1, 4, 4}), 2);
            }),
            "patches_forward: pixels is [1, 1, 4, 4], expected [B, 3, H, W]");
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::patches_forward(out, Tensor::zeros({2, 3, 4, 4}), 2);
            }),
            "patches_forward: patches is [4, 12], expected [8, 12]");
  Tensor tokens = Tensor::empty({1, 4, 5});
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::tokens_forward(tokens, Tensor::zeros({1, 3, 5}), Tensor::zeros({4}),
                                     Tensor::zeros({4, 5}));
            }),
            "tokens_forward: class_embedding is [4], expected 5 elements");
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::interpolate_positions_forward(out, Tensor::zeros({8, 12}), 1, 3);
            }),
            "interpolate_positions_forward: positions is [8, 12], expected [1 + n*n, C]");
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::interpolate_positions_forward(out, Tensor::zeros({10, 12}), 0, 3);
            }),
            "interpolate_positions_forward: a grid of 0 x 3 patches");
}

TEST(PatchErrors, OfBackwardNameTheGradients) {
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::patches_backward({Tensor::zeros({2, 3, 4, 4})}, Tensor::zeros({4, 12}), 2);
            }),
            "patches_backward: dpatches is [4, 12], expected [8, 12]");
  const Tensor dtokens = Tensor::zeros({1, 4, 5});
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::tokens_backward({Tensor::zeros({1, 4, 5})}, {}, {}, dtokens);
            }),
            "tokens_backward: dpatches is [1, 4, 5], expected [1, 3, 5]");
  EXPECT_EQ(error_of<base::ShapeError>(
                [&] { tensor::tokens_backward({}, {Tensor::zeros({4})}, {}, dtokens); }),
            "tokens_backward: dclass_embedding is [4], expected 5 elements");
  EXPECT_EQ(error_of<base::ShapeError>(
                [&] { tensor::tokens_backward({}, {}, {Tensor::zeros({5})}, dtokens); }),
            "tokens_backward: dpositions is [5], expected 20 elements");
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::interpolate_positions_backward({Tensor::zeros({5, 2})}, Tensor::zeros({4, 2}),
                                                     1, 2);
            }),
            "interpolate_positions_backward: dresized is [4, 2], expected [3, 2]");
}

}  // namespace
