#include "nn/module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nn/attention.h"
#include "nn/checkpoint.h"
#include "nn/vit.h"
#include "tests/reference.h"

namespace {

using tensor::Tensor;

TEST(Module, JoinedNamesAreTheCheckpointsKeys) {
  nn::VisionTransformer vit({.hidden_size = 8,
                             .intermediate_size = 16,
                             .num_hidden_layers = 2,
                             .num_attention_heads = 2,
                             .image_size = 8,
                             .patch_size = 4});
  std::vector<std::string> names;
  for (const auto& [name, shape] : nn::parameter_shapes(vit)) names.push_back(name + shape.str());
  EXPECT_THAT(names, testing::IsSupersetOf({
                         "embeddings.class_embedding[1, 1, 8]",
                         "embeddings.position_embedding[1, 5, 8]",
                         "embeddings.patch_embedding.weight[8, 3, 4, 4]",
                         "embeddings.patch_embedding.bias[8]",
                         "encoder.layers.1.layer_norm1.weight[8]",
                         "encoder.layers.1.self_attn.qkv.weight[24, 8]",
                         "encoder.layers.1.self_attn.projection.bias[8]",
                         "encoder.layers.1.mlp.fc2.weight[8, 16]",
                         "post_layernorm.bias[8]",
                     }));
  EXPECT_EQ(names.size(), 4u + 2 * 12 + 2);
}

TEST(KeyValueCache, WritesAtEachRowsPlaceAndReorders) {
  nn::KeyValueCache cache(2, 4, 3);
  const std::vector<int32_t> starts{0, 2};
  const Tensor k = reference::random({2, 2, 3}, 1), v = reference::random({2, 2, 3}, 2);
  cache.write(k, v, starts);
  // Row 0 has its two tokens at places 0 and 1, row 1 at places 2 and 3.
  for (int64_t i = 0; i < 6; ++i) {
    EXPECT_EQ(cache.keys().data<float>()[i], k.data<float>()[i]);
    EXPECT_EQ(cache.values().data<float>()[12 + 6 + i], v.data<float>()[6 + i]);
  }
  const std::vector<int32_t> parents{1, 1, 0};
  cache.reorder(parents);
  EXPECT_EQ(cache.keys().dim(0), 3);
  for (int64_t i = 0; i < 6; ++i) {
    EXPECT_EQ(cache.keys().data<float>()[6 + i], k.data<float>()[6 + i]);
    EXPECT_EQ(cache.keys().data<float>()[12 + 6 + i], k.data<float>()[6 + i]);
    EXPECT_EQ(cache.values().data<float>()[24 + i], v.data<float>()[i]);
  }
}

TEST(VisionTransformer, SaysWhichPictureSizesItTakes) {
  const nn::VisionEmbeddings embeddings({.image_size = 8, .patch_size = 4});
  try {
    embeddings(Tensor::zeros({1, 3, 8, 10}));
    FAIL() << "no error";
  } catch (const base::ShapeError& error) {
    EXPECT_STREQ(error.what(),
                 "vision encoder: pixel_values is [1, 3, 8, 10], expected [B, 3, height, width] in "
                 "multiples of 4");
  }
}

}  // namespace
