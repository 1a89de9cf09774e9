#include "tensor/patch.h"

#include "tensor/backend.h"

namespace tensor {
namespace {

/// `names` are those of patches and pixels.
struct PatchNames {
  const char* patches;
  const char* pixels;
};
void expect_patches(const char* op, PatchNames names, const Tensor& patches, const Tensor& pixels,
                    int64_t patch_size) {
  expect_f32(op, names.pixels, pixels, pixels.shape());
  if (pixels.rank() != 4 || pixels.dim(1) != 3) {
    throw base::ShapeError(
        base::str(op, ": ", names.pixels, " is ", pixels.shape().str(), ", expected [B, 3, H, W]"));
  }
  if (patch_size <= 0 || pixels.dim(2) % patch_size || pixels.dim(3) % patch_size) {
    throw base::ShapeError(base::str(op, ": ", names.pixels, " is ", pixels.shape().str(),
                                     ", expected multiples of the patch size ", patch_size));
  }
  const int64_t count = (pixels.dim(2) / patch_size) * (pixels.dim(3) / patch_size);
  expect_f32(op, names.patches, patches, {pixels.dim(0) * count, 3 * patch_size * patch_size});
}

void expect_tokens(const char* op, const char* what, const Tensor& tokens) {
  expect_f32(op, what, tokens, tokens.shape());
  if (tokens.rank() != 3 || tokens.dim(1) == 0) {
    throw base::ShapeError(
        base::str(op, ": ", what, " is ", tokens.shape().str(), ", expected [B, 1 + N, C]"));
  }
}

/// [B, N, C] or [B * N, C] for tokens [B, 1 + N, C].
void expect_content(const char* op, const char* what, const Tensor& found, const Tensor& tokens) {
  const int64_t pictures = tokens.dim(0), count = tokens.dim(1) - 1, channels = tokens.dim(2);
  const Shape by_picture{pictures, count, channels}, flat{pictures * count, channels};
  expect_f32(op, what, found, found.rank() == 2 ? flat : by_picture);
}

void expect_elements(const char* op, const char* what, const Tensor& found, int64_t expected) {
  expect_f32(op, what, found, found.shape());
  if (found.elements() != expected) {
    throw base::ShapeError(base::str(op, ": ", what, " is ", found.shape().str(), ", expected ",
                                     expected, " elements"));
  }
}

/// `names` are those of positions and of what they are resized to.
struct PositionNames {
  const char* positions;
  const char* resized;
};
void expect_positions(const char* op, PositionNames names, const Tensor& positions,
                      const Tensor& resized, int64_t height, int64_t width) {
  expect_f32(op, names.positions, positions, positions.shape());
  const int64_t count = positions.rank() == 2 ? positions.dim(0) - 1 : 0;
  int64_t side = 0;
  while (side * side < count) ++side;
  if (count <= 0 || side * side != count) {
    throw base::ShapeError(base::str(op, ": ", names.positions, " is ", positions.shape().str(),
                                     ", expected [1 + n*n, C]"));
  }
  if (height <= 0 || width <= 0) {
    throw base::ShapeError(base::str(op, ": a grid of ", height, " x ", width, " patches"));
  }
  expect_f32(op, names.resized, resized, {1 + height * width, positions.dim(1)});
}

}  // namespace

void patches_forward(Tensor& patches, const Tensor& pixels, int64_t patch_size) {
  expect_patches("patches_forward", {"patches", "pixels"}, patches, pixels, patch_size);
  const Backend& on = backend("patches_forward", {{"patches", patches}, {"pixels", pixels}});
  on.kernel("patches_forward", on.patch.patches_forward)(patches, pixels, patch_size);
}

void patches_backward(const Gradient& dpixels, const Tensor& dpatches, int64_t patch_size) {
  constexpr const char* kOp = "patches_backward";
  expect_f32(kOp, "dpatches", dpatches, dpatches.shape());
  if (!dpixels.wanted()) return;
  expect_patches(kOp, {"dpatches", "dpixels"}, dpatches, dpixels.sum, patch_size);
  const Backend& on = backend(kOp, {{"dpixels", dpixels.sum}, {"dpatches", dpatches}});
  on.kernel(kOp, on.patch.patches_backward)(dpixels, dpatches, patch_size);
}

void tokens_forward(Tensor& tokens, const Tensor& patches, const Tensor& class_embedding,
                    const Tensor& positions) {
  constexpr const char* kOp = "tokens_forward";
  expect_tokens(kOp, "tokens", tokens);
  expect_content(kOp, "patches", patches, tokens);
  expect_elements(kOp, "class_embedding", class_embedding, tokens.dim(2));
  expect_elements(kOp, "positions", positions, tokens.dim(1) * tokens.dim(2));
  const Backend& on = backend(kOp, {{"tokens", tokens},
                                    {"patches", patches},
                                    {"class_embedding", class_embedding},
                                    {"positions", positions}});
  on.kernel(kOp, on.patch.tokens_forward)(tokens, patches, class_embedding, positions);
}

void tokens_backward(const Gradient& dpatches, const Gradient& dclass_embedding,
                     const Gradient& dpositions, const Tensor& dtokens) {
  constexpr const char* kOp = "tokens_backward";
  expect_tokens(kOp, "dtokens", dtokens);
  const int64_t length = dtokens.dim(1), channels = dtokens.dim(2);
  if (dpatches.wanted()) expect_content(kOp, "dpatches", dpatches.sum, dtokens);
  if (dclass_embedding.wanted()) {
    expect_elements(kOp, "dclass_embedding", dclass_embedding.sum, channels);
  }
  if (dpositions.wanted()) {
    expect_elements(kOp, "dpositions", dpositions.sum, length * channels);
  }
  const Backend& on = backend(kOp, {{"dpatches", dpatches.sum},
                                    {"dclass_embedding", dclass_embedding.sum},
                                    {"dpositions", dpositions.sum},
                                    {"dtokens", dtokens}});
  on.kernel(kOp, on.patch.tokens_backward)(dpatches, dclass_embedding, dpositions, dtokens);
}

void interpolate_positions_forward(Tensor& resized, const Tensor& positions, int64_t height,
                                   int64_t width) {
  expect_positions("interpolate_positions_forward", {"positions", "resized"}, positions, resized,
                   height, width);
  const Backend& on =
      backend("interpolate_positions_forward", {{"resized", resized}, {"positions", positions}});
  on.kernel("interpolate_positions_forward", on.patch.interpolate_positions_forward)(
      resized, positions, height, width);
}

void interpolate_positions_backward(const Gradient& dpositions, const Tensor& dresized,
                                    int64_t height, int64_t width) {
  constexpr const char* kOp = "interpolate_positions_backward";
  expect_f32(kOp, "dresized", dresized, dresized.shape());
  if (!dpositions.wanted()) return;
  expect_positions(kOp, {"dpositions", "dresized"}, dpositions.sum, dresized, height, width);
  const Backend& on = backend(kOp, {{"dpositions", dpositions.sum}, {"dresized", dresized}});
  on.kernel(kOp, on.patch.interpolate_positions_backward)(dpositions, dresized, height, width);
}

}  // namespace tensor
