#include "autograd/patch.h"

#include "tensor/patch.h"

namespace autograd {

using tensor::Tensor;

Var patches(const Var& pixels, int64_t patch_size) {
  const tensor::Shape& shape = pixels.shape();
  if (shape.rank() != 4 || patch_size < 1) {
    throw base::ShapeError(base::str("patches: pixels are ", shape.str(),
                                     ", expected [B, 3, H, W] with a positive patch size"));
  }
  Tensor result = Tensor::empty({shape[0] * (shape[2] / patch_size) * (shape[3] / patch_size),
                                 shape[1] * patch_size * patch_size});
  tensor::patches_forward(result, pixels.value, patch_size);
  return result;
}

Var tokens(const Var& patches, const Var& class_embedding, const Var& positions) {
  Tensor result = Tensor::empty({patches.dim(0), 1 + patches.dim(1), patches.dim(2)});
  tensor::tokens_forward(result, patches.value, class_embedding.value, positions.value);
  return result;
}

Var interpolate_positions(const Var& positions, int64_t height, int64_t width) {
  Tensor result = Tensor::empty({1 + height * width, positions.dim(-1)});
  tensor::interpolate_positions_forward(result, positions.value, height, width);
  return result;
}

}  // namespace autograd
