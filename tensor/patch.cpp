#include "tensor/patch.h"

#include "tensor/backend.h"

namespace tensor {

void patches_forward(Tensor& patches, const Tensor& pixels, int64_t patch_size) {
  constexpr const char* kOp = "patches_forward";
  expect_f32(kOp, "pixels", pixels, pixels.shape());
  if (pixels.rank() != 4 || pixels.dim(1) != 3) {
    throw base::ShapeError(
        base::str(kOp, ": pixels is ", pixels.shape().str(), ", expected [B, 3, H, W]"));
  }
  if (patch_size <= 0 || pixels.dim(2) % patch_size || pixels.dim(3) % patch_size) {
    throw base::ShapeError(base::str(kOp, ": pixels is ", pixels.shape().str(),
                                     ", expected multiples of the patch size ", patch_size));
  }
  const int64_t count = (pixels.dim(2) / patch_size) * (pixels.dim(3) / patch_size);
  expect_f32(kOp, "patches", patches, {pixels.dim(0) * count, 3 * patch_size * patch_size});
  const Backend& on = backend(kOp, {{"patches", patches}, {"pixels", pixels}});
  on.kernel(kOp, on.patch.patches_forward)(patches, pixels, patch_size);
}

void tokens_forward(Tensor& tokens, const Tensor& patches, const Tensor& class_embedding,
                    const Tensor& positions) {
  constexpr const char* kOp = "tokens_forward";
  expect_f32(kOp, "tokens", tokens, tokens.shape());
  if (tokens.rank() != 3 || tokens.dim(1) == 0) {
    throw base::ShapeError(
        base::str(kOp, ": tokens is ", tokens.shape().str(), ", expected [B, 1 + N, C]"));
  }
  const int64_t pictures = tokens.dim(0), count = tokens.dim(1) - 1, channels = tokens.dim(2);
  const Shape by_picture{pictures, count, channels}, flat{pictures * count, channels};
  expect_f32(kOp, "patches", patches, patches.rank() == 2 ? flat : by_picture);
  const auto expect_elements = [&](const char* what, const Tensor& found, int64_t expected) {
    expect_f32(kOp, what, found, found.shape());
    if (found.elements() != expected) {
      throw base::ShapeError(base::str(kOp, ": ", what, " is ", found.shape().str(), ", expected ",
                                       expected, " elements"));
    }
  };
  expect_elements("class_embedding", class_embedding, channels);
  expect_elements("positions", positions, (1 + count) * channels);
  const Backend& on = backend(kOp, {{"tokens", tokens},
                                    {"patches", patches},
                                    {"class_embedding", class_embedding},
                                    {"positions", positions}});
  on.kernel(kOp, on.patch.tokens_forward)(tokens, patches, class_embedding, positions);
}

void interpolate_positions_forward(Tensor& resized, const Tensor& positions, int64_t height,
                                   int64_t width) {
  constexpr const char* kOp = "interpolate_positions_forward";
  expect_f32(kOp, "positions", positions, positions.shape());
  const int64_t count = positions.rank() == 2 ? positions.dim(0) - 1 : 0;
  int64_t side = 0;
  while (side * side < count) ++side;
  if (count <= 0 || side * side != count) {
    throw base::ShapeError(
        base::str(kOp, ": positions is ", positions.shape().str(), ", expected [1 + n*n, C]"));
  }
  if (height <= 0 || width <= 0) {
    throw base::ShapeError(base::str(kOp, ": a grid of ", height, " x ", width, " patches"));
  }
  expect_f32(kOp, "resized", resized, {1 + height * width, positions.dim(1)});
  const Backend& on = backend(kOp, {{"resized", resized}, {"positions", positions}});
  on.kernel(kOp, on.patch.interpolate_positions_forward)(resized, positions, height, width);
}

}  // namespace tensor
