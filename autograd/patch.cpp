#include "autograd/patch.h"

#include "autograd/tape.h"
#include "tensor/backend.h"

namespace autograd {

using tensor::Shape;
using tensor::Tensor;

Var patches(const Var& pixels, int64_t patch_size) {
  const Shape& shape = pixels.shape();
  if (shape.rank() != 4 || patch_size < 1) {
    throw base::ShapeError(base::str("patches: pixels are ", shape.str(),
                                     ", expected [B, 3, H, W] with a positive patch size"));
  }
  const bool recorded = records("patches", pixels.value,
                                tensor::backend(pixels.value).patch.patches_backward, pixels);
  Tensor result =
      pixels.value.empty_like({shape[0] * (shape[2] / patch_size) * (shape[3] / patch_size),
                               shape[1] * patch_size * patch_size});
  tensor::patches_forward(result, pixels.value, patch_size);
  if (!recorded) return Var(result);
  return record("patches", result,
                [slot = pixels.gradient, shape = pixels.shape(), patch_size](const Tensor& dy) {
                  tensor::patches_backward(slot.next(shape), dy, patch_size);
                });
}

Var tokens(const Var& patches, const Var& class_embedding, const Var& positions) {
  const bool recorded =
      records("tokens", patches.value, tensor::backend(patches.value).patch.tokens_backward,
              patches, class_embedding, positions);
  Tensor result = patches.value.empty_like({patches.dim(0), 1 + patches.dim(1), patches.dim(2)});
  tensor::tokens_forward(result, patches.value, class_embedding.value, positions.value);
  if (!recorded) return Var(result);
  return record("tokens", result,
                [to_patches = patches.gradient, to_class = class_embedding.gradient,
                 to_positions = positions.gradient, patches_shape = patches.shape(),
                 class_shape = class_embedding.shape(),
                 positions_shape = positions.shape()](const Tensor& dy) {
                  tensor::tokens_backward(to_patches.next(patches_shape),
                                          to_class.next(class_shape),
                                          to_positions.next(positions_shape), dy);
                });
}

Var interpolate_positions(const Var& positions, int64_t height, int64_t width) {
  const bool recorded =
      records("interpolate_positions", positions.value,
              tensor::backend(positions.value).patch.interpolate_positions_backward, positions);
  Tensor result = positions.value.empty_like({1 + height * width, positions.dim(-1)});
  tensor::interpolate_positions_forward(result, positions.value, height, width);
  if (!recorded) return Var(result);
  return record(
      "interpolate_positions", result,
      [slot = positions.gradient, shape = positions.shape(), height, width](const Tensor& dy) {
        tensor::interpolate_positions_backward(slot.next(shape), dy, height, width);
      });
}

}  // namespace autograd
