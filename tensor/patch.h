// A vision transformer's way in (Dosovitskiy et al., 2021, equation 1): cut pictures into patches,
// and put the class token and the position embeddings to their projections. All tensors are f32.
#pragma once

#include "tensor/tensor.h"

namespace tensor {

/// Cuts pictures [B, 3, H, W] into patches [B * (H/P) * (W/P), 3 * P * P], row by row, each laid
/// out [channel, y, x] as a convolution's weight [C, 3, P, P] is: projecting a patch is then a
/// matmul. H and W must be multiples of P (`patch_size`, in pixels).
void patches_forward(Tensor& patches, const Tensor& pixels, int64_t patch_size);

/// tokens[b, 0] = class_embedding + positions[0];
/// tokens[b, 1 + i] = patches[b, i] + positions[1 + i].
/// tokens [B, 1 + N, C], patches [B, N, C] or [B * N, C], class_embedding of C elements, positions
/// of (1 + N) * C elements.
void tokens_forward(Tensor& tokens, const Tensor& patches, const Tensor& class_embedding,
                    const Tensor& positions);

/// Position embeddings for another picture size: row 0 (the class token) is copied, the others are
/// a square grid resized to [height, width] patches by bicubic interpolation (a = -0.75, half-pixel
/// centres, edges clamped) as torch's `interpolate(mode="bicubic", align_corners=False)`.
/// positions [1 + n*n, C]; resized [1 + height * width, C].
void interpolate_positions_forward(Tensor& resized, const Tensor& positions, int64_t height,
                                   int64_t width);

struct PatchKernels {
  decltype(&tensor::patches_forward) patches_forward;
  decltype(&tensor::tokens_forward) tokens_forward;
  decltype(&tensor::interpolate_positions_forward) interpolate_positions_forward;
};
namespace cpu {
extern const PatchKernels patch;
}

}  // namespace tensor
