#include "nn/module.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "autograd/tape.h"
#include "nn/checkpoint.h"
#include "nn/key_value_cache.h"
#include "nn/vit.h"
#include "tests/reference/twins.h"

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

TEST(KeyValueCache, TokensStayWhereTheyAreWhenItGrows) {
  nn::KeyValueCache cache(4, 3);
  const Tensor k = reference::random({2, 2, 3}, 1), v = reference::random({2, 2, 3}, 2),
               more = reference::random({3, 3}, 3);
  cache.append(nn::Var(k), nn::Var(v));
  EXPECT_EQ(cache.size(), 4);
  cache.reserve(0);
  EXPECT_EQ(cache.keys().dim(0), 4);
  cache.reserve(3);
  EXPECT_EQ(cache.keys().dim(0), 7);
  cache.append(nn::Var(more), nn::Var(more));
  EXPECT_EQ(cache.size(), 7);
  for (int64_t i = 0; i < 12; ++i) {
    EXPECT_EQ(cache.keys().data<float>()[i], k.data<float>()[i]);
    EXPECT_EQ(cache.values().data<float>()[i], v.data<float>()[i]);
  }
  for (int64_t i = 0; i < 9; ++i) {
    EXPECT_EQ(cache.values().data<float>()[12 + i], more.data<float>()[i]);
  }
  EXPECT_THROW(cache.append(nn::Var(more), nn::Var(more)), base::ShapeError);
}

TEST(KeyValueCache, IsNotWrittenWhileATapeRecords) {
  nn::KeyValueCache cache(1, 1);
  const nn::Var one(Tensor::zeros({1, 1, 1}));
  const autograd::Tape tape;
  EXPECT_THROW(cache.append(one, one), base::UsageError);
}

struct Inner : nn::Module {
  void visit(nn::Visitor& visitor) override { visitor("weight", weight, {2}); }
  nn::Parameter weight;
};
struct Outer : nn::Module {
  void visit(nn::Visitor& visitor) override {
    visitor("first", first);
    visitor("list", list);
  }
  Inner first;
  std::vector<Inner> list{2};
};

TEST(Module, KeepsItsPathAndIsShownBeforeItsParameters) {
  struct Log : nn::Visitor {
    void module(const std::string& path, nn::Module& module) override {
      seen.push_back("module " + path + " = " + module.path());
    }
    void parameter(const std::string& path, nn::Parameter&, const tensor::Shape&) override {
      seen.push_back(path);
    }
    std::vector<std::string> seen;
  };
  Outer outer;
  nn::name_paths(outer);
  Outer moved = std::move(outer);
  Log log;
  moved.visit(log);
  EXPECT_THAT(log.seen,
              testing::ElementsAre("module first = first", "first.weight", "module list.0 = list.0",
                                   "list.0.weight", "module list.1 = list.1", "list.1.weight"));
}

TEST(VisionTransformer, SaysWhichPictureSizesItTakes) {
  const nn::VisionEmbeddings embeddings({.image_size = 8, .patch_size = 4});
  try {
    embeddings(nn::Var(Tensor::zeros({1, 3, 8, 10})));
    FAIL() << "no error";
  } catch (const base::ShapeError& error) {
    EXPECT_STREQ(error.what(),
                 "vision encoder: pixel_values is [1, 3, 8, 10], expected [B, 3, height, width] in "
                 "multiples of 4");
  }
}

TEST(VisionTransformer, PrefixAndSuffixAreTheWhole) {
  nn::VisionTransformer vit({.hidden_size = 8,
                             .intermediate_size = 16,
                             .num_hidden_layers = 3,
                             .num_attention_heads = 2,
                             .image_size = 8,
                             .patch_size = 4});
  uint64_t seed = 1;
  nn::for_each_parameter(vit,
                         [&](const std::string&, nn::Parameter& value, const tensor::Shape& shape) {
                           value.assign(reference::random(shape, seed++));
                         });
  const nn::Var pixels(reference::random({2, 3, 8, 8}, 99));
  const Tensor whole = vit(pixels).value;
  for (int64_t layers = 0; layers <= 3; ++layers) {
    const Tensor parts = vit.suffix(vit.prefix(pixels, layers), layers).value;
    EXPECT_EQ(std::memcmp(parts.raw(), whole.raw(), whole.bytes()), 0) << layers;
  }
  EXPECT_THROW(vit.prefix(pixels, 4), base::UsageError);
}

}  // namespace
