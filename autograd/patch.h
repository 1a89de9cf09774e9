// Differentiable form of tensor/patch.h.
#pragma once

#include "autograd/var.h"

namespace autograd {

/// Pictures [B, 3, H, W] cut into patches [B * (H/P) * (W/P), 3 * P * P].
Var patches(const Var& pixels, int64_t patch_size);

/// The class token and the patches [B, N, C], each with its position embedding: [B, 1 + N, C].
Var tokens(const Var& patches, const Var& class_embedding, const Var& positions);

/// Position embeddings [1 + n*n, C] for a grid of height x width patches: [1 + height*width, C].
Var interpolate_positions(const Var& positions, int64_t height, int64_t width);

}  // namespace autograd
