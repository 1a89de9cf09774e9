// A vision transformer's way in (Dosovitskiy et al., 2021, equation 1): cut pictures into patches,
// and put the class token and the position embeddings to their projections. All tensors are f32.
#pragma once

#include "tensor/gradient.h"

namespace tensor {

/// Cuts pictures [B, 3, H, W] into patches [B * (H/P) * (W/P), 3 * P * P], row by row, each laid
/// out [channel, y, x] as a convolution's weight [C, 3, P, P] is: projecting a patch is then a
/// matmul. H and W must be multiples of P (`patch_size`, in pixels).
void patches_forward(Tensor& patches, const Tensor& pixels, int64_t patch_size);
/// Each element of dpatches goes where it was cut from; dpixels [B, 3, H, W].
void patches_backward(const Gradient& dpixels, const Tensor& dpatches, int64_t patch_size);

/// tokens[b, 0] = class_embedding + positions[0];
/// tokens[b, 1 + i] = patches[b, i] + positions[1 + i].
/// tokens [B, 1 + N, C], patches [B, N, C] or [B * N, C], class_embedding of C elements, positions
/// of (1 + N) * C elements.
void tokens_forward(Tensor& tokens, const Tensor& patches, const Tensor& class_embedding,
                    const Tensor& positions);
/// dpatches[b, i] = dtokens[b, 1 + i]; dclass_embedding and dpositions are sums over b in ascending
/// order, of dtokens[b, 0] and of dtokens[b, t].
void tokens_backward(const Gradient& dpatches, const Gradient& dclass_embedding,
                     const Gradient& dpositions, const Tensor& dtokens);

/// Position embeddings for another picture size: row 0 (the class token) is copied, the others are
/// a square grid resized to [height, width] patches by bicubic interpolation (a = -0.75, half-pixel
/// centres, edges clamped) as torch's `interpolate(mode="bicubic", align_corners=False)`.
/// positions [1 + n*n, C]; resized [1 + height * width, C].
void interpolate_positions_forward(Tensor& resized, const Tensor& positions, int64_t height,
                                   int64_t width);
/// The transpose: dpositions[s] = the sum of dresized over the places that s has a weight in, times
/// that weight, in ascending order of places. The shape of dpositions says n.
void interpolate_positions_backward(const Gradient& dpositions, const Tensor& dresized,
                                    int64_t height, int64_t width);

struct PatchKernels {
  decltype(&tensor::patches_forward) patches_forward;
  decltype(&tensor::patches_backward) patches_backward;
  decltype(&tensor::tokens_forward) tokens_forward;
  decltype(&tensor::tokens_backward) tokens_backward;
  decltype(&tensor::interpolate_positions_forward) interpolate_positions_forward;
  decltype(&tensor::interpolate_positions_backward) interpolate_positions_backward;
};
namespace cpu {
extern const PatchKernels patch;
}

}  // namespace tensor
