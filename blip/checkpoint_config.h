// The configuration of an original BLIP checkpoint (.pth), which carries none: what its tensors
// show, what the text model's med_config.json says, and what the original code has by default.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "blip/config.h"
#include "tensor/safetensors.h"  // TensorMap

namespace blip {

struct OriginalOptions {
  /// med_config.json: heads and layer_norm_eps of the text model (without it BERT's, 12 and 1e-12).
  /// Its widths are not read: it says encoder_width 768 even beside a larger image encoder.
  std::filesystem::path med_config;
  /// vocab.txt, for the ids of [PAD], [SEP] and [DEC]; without it those of BERT's.
  std::filesystem::path vocabulary;
  std::optional<int64_t> image_size;    ///< pixels; else what the position embeddings are for
  std::optional<int64_t> vision_heads;  ///< else 12, or 16 where the image encoder is 1024 wide
  std::optional<float> vision_eps;      ///< of the image encoder's LayerNorm; else 1e-6
};

/// `tensors` carry transformers' names. CheckpointError (`source` first) if they are not BLIP's,
/// UsageError for options that do not fit them.
Config config_of_tensors(const tensor::TensorMap& tensors, const OriginalOptions& options,
                         const std::string& source);

/// The pieces of a vocab.txt, one a line, in the order of their ids.
std::vector<std::string> read_pieces(const std::filesystem::path& vocabulary);

}  // namespace blip
