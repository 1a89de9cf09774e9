#include "blip/flops.h"

namespace blip {
namespace {

/// x [rows, inputs] times a weight [outputs, inputs].
double matmul(int64_t rows, int64_t inputs, int64_t outputs) {
  return 2.0 * static_cast<double>(rows) * static_cast<double>(inputs) *
         static_cast<double>(outputs);
}

/// Scores and the weighted sum of values, over all heads, whose widths add up to `channels`.
double attention(int64_t queries, int64_t keys, int64_t channels) {
  return 2 * matmul(queries, channels, keys);
}

}  // namespace

double encode_flops(const Config& config) {
  const VisionConfig& v = config.vision;
  const int64_t tokens = v.tokens(), width = v.hidden_size;
  const double patches = matmul(tokens - 1, 3 * v.patch_size * v.patch_size, width);
  const double qkv_and_projection = matmul(tokens, width, 4 * width);
  const double mlp = 2 * matmul(tokens, width, v.intermediate_size);
  return patches + static_cast<double>(v.num_hidden_layers) *
                       (qkv_and_projection + attention(tokens, tokens, width) + mlp);
}

double image_memory_flops(const Config& config) {
  const TextConfig& t = config.text;
  return static_cast<double>(t.num_hidden_layers) * 2 *
         matmul(config.vision.tokens(), t.encoder_hidden_size, t.hidden_size);
}

double token_flops(const Config& config, int64_t position) {
  const TextConfig& t = config.text;
  const int64_t width = t.hidden_size;
  const double self = matmul(1, width, 4 * width) + attention(1, position + 1, width);
  const double cross = matmul(1, width, 2 * width) + attention(1, config.vision.tokens(), width);
  const double mlp = 2 * matmul(1, width, t.intermediate_size);
  const double head = matmul(1, width, width) + matmul(1, width, t.vocab_size);
  return static_cast<double>(t.num_hidden_layers) * (self + cross + mlp) + head;
}

}  // namespace blip
