#include "blip/flops.h"

#include <gtest/gtest.h>

namespace {

/// Salesforce/blip-image-captioning-large.
blip::Config large() {
  blip::Config config;
  config.vision = {.hidden_size = 1024,
                   .intermediate_size = 4096,
                   .num_hidden_layers = 24,
                   .num_attention_heads = 16};
  config.text.encoder_hidden_size = 1024;
  config.text.num_attention_heads = 12;
  return config;
}

// The numbers of the comments in flops.h, counted by hand: per block of the encoder 577 rows times
// 12.6 million weights, and 577 x 577 x 1024 x 2 for attention.
TEST(Flops, OfBlipLarge) {
  EXPECT_NEAR(blip::encode_flops(large()) / 1e9, 382.1, 0.1);
  EXPECT_NEAR(blip::image_memory_flops(large()) / 1e9, 21.8, 0.1);
  EXPECT_NEAR(blip::token_flops(large(), 0) / 1e9, 0.268, 0.001);
}

TEST(Flops, AnotherTokenBeforeCostsItsScoresAndValues) {
  const double more = blip::token_flops(large(), 7) - blip::token_flops(large(), 6);
  EXPECT_EQ(more, 12 * 2 * 2 * 768.0);
}

TEST(Flops, OfASmallModelByHand) {
  blip::Config config;
  config.vision = {.hidden_size = 4,
                   .intermediate_size = 8,
                   .num_hidden_layers = 1,
                   .num_attention_heads = 1,
                   .image_size = 4,
                   .patch_size = 2};  // 5 tokens
  // patches 4 x 12 x 4; qkv 5 x 4 x 12; projection 5 x 4 x 4; mlp 2 x 5 x 4 x 8; scores and values
  // 5 x 5 x 4 each.
  EXPECT_EQ(blip::encode_flops(config), 2 * (192 + 240 + 80 + 320 + 200.0));
}

}  // namespace
