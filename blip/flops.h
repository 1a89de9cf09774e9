// How much arithmetic a model asks for. A multiplication and an addition count as two operations;
// norms, softmax, GELU and sums of residuals, which are below a percent, do not count.
#pragma once

#include <cstdint>

#include "blip/config.h"

namespace blip {

/// The image encoder for one picture of the config's size. BLIP-large: 382 GFLOP.
double encode_flops(const Config& config);
/// The keys and values that all cross-attention layers make of one encoded picture. BLIP-large: 22
/// GFLOP.
double image_memory_flops(const Config& config);
/// One token at position `position` (from 0): it attends to itself and those before it, and to one
/// picture. BLIP-large at 0: 0.27 GFLOP.
double token_flops(const Config& config, int64_t position);

}  // namespace blip
