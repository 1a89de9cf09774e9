#include "blip/checkpoint_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "blip/captioner.h"
#include "nn/checkpoint.h"
#include "tests/shared.h"
#include "tests/temporary_folder.h"

namespace {

using blip::ModelKind;
using tensor::Tensor;
using tensor::TensorMap;
using testing::EndsWith;
using testing::HasSubstr;

const std::string kEmbeddings = "text_decoder.bert.embeddings.word_embeddings.weight";
const std::string kHead = "text_decoder.cls.predictions.";

TensorMap named(const std::vector<std::string>& names) {
  TensorMap tensors;
  for (const std::string& name : names) tensors[name] = Tensor::zeros({1});
  return tensors;
}

TEST(CheckpointNames, OneTableTranslatesTheOriginals) {
  const std::pair<const char*, const char*> names[] = {
      {"visual_encoder.cls_token", "vision_model.embeddings.class_embedding"},
      {"visual_encoder.pos_embed", "vision_model.embeddings.position_embedding"},
      {"visual_encoder.patch_embed.proj.bias", "vision_model.embeddings.patch_embedding.bias"},
      {"visual_encoder.norm.weight", "vision_model.post_layernorm.weight"},
      {"visual_encoder.blocks.0.norm1.bias", "vision_model.encoder.layers.0.layer_norm1.bias"},
      {"visual_encoder.blocks.11.attn.qkv.weight",
       "vision_model.encoder.layers.11.self_attn.qkv.weight"},
      {"visual_encoder.blocks.23.attn.proj.bias",
       "vision_model.encoder.layers.23.self_attn.projection.bias"},
      {"visual_encoder.blocks.1.norm2.weight", "vision_model.encoder.layers.1.layer_norm2.weight"},
      {"visual_encoder.blocks.1.mlp.fc2.weight", "vision_model.encoder.layers.1.mlp.fc2.weight"},
  };
  for (const auto& [original, translated] : names) {
    EXPECT_EQ(blip::hugging_face_name(original), translated);
    EXPECT_EQ(blip::hugging_face_name(translated), translated);
  }
  for (const char* other : {"visual_encoder.blocks.", "visual_encoder.blocks.1",
                            "visual_encoder.blocks.1.x", "visual_encoder.x", "", "itm_head.bias"}) {
    EXPECT_EQ(blip::hugging_face_name(other), other);
  }
}

TEST(CheckpointNames, WhatOnlyTrainingNeedsIsLeftOut) {
  const TensorMap tensors = blip::with_hugging_face_names(
      named({"visual_encoder.cls_token", "visual_encoder_m.cls_token", "text_encoder_m.x",
             "vision_proj_m.weight", "vision_proj.weight", "image_queue", "text_queue", "queue_ptr",
             "ptr_queue", "idx_queue", "temp", "text_encoder.embeddings.position_ids"}));
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_TRUE(tensors.contains("vision_model.embeddings.class_embedding"));
  EXPECT_TRUE(tensors.contains("vision_proj.weight"));
  // Under transformers' names nothing has such tensors, so they are not passed over.
  EXPECT_EQ(blip::with_hugging_face_names(named({"vision_model.x", "temp"})).size(), 2u);
}

TEST(CheckpointNames, ADuplicateName) {
  EXPECT_THAT(
      error_of<base::CheckpointError>([] {
        blip::with_hugging_face_names(
            named({"vision_model.post_layernorm.bias", "visual_encoder.norm.bias"}));
      }),
      HasSubstr(
          "duplicate tensor visual_encoder.norm.bias, once as vision_model.post_layernorm.bias"));
}

TEST(CheckpointNames, TellKindsOfModels) {
  EXPECT_EQ(blip::model_kind(named({"vision_model.x", "text_decoder.x"})), ModelKind::captioning);
  EXPECT_EQ(blip::model_kind(named({"text_decoder.x", "text_encoder.x"})),
            ModelKind::question_answering);
  EXPECT_EQ(blip::model_kind(named({"text_encoder.x", "itm_head.weight"})), ModelKind::retrieval);
  EXPECT_EQ(blip::model_kind(named({"text_encoder.x", "cls_head.0.weight"})), ModelKind::reasoning);
  EXPECT_EQ(blip::model_kind(named({"text_encoder.x", "text_decoder.x", "vision_proj.weight"})),
            ModelKind::pretraining);
}

TEST(CheckpointNames, TheOutputLayerIsTiedWhereAbsent) {
  TensorMap tensors{{kEmbeddings, Tensor::from<float>({2, 1}, {1, 2})},
                    {kHead + "bias", Tensor::from<float>({2}, {3, 4})}};
  blip::tie_weights(tensors);
  EXPECT_EQ(tensors.at(kHead + "decoder.weight").raw(), tensors.at(kEmbeddings).raw());
  EXPECT_EQ(tensors.at(kHead + "decoder.bias").raw(), tensors.at(kHead + "bias").raw());
  EXPECT_TRUE(blip::untie_copies(tensors));
  EXPECT_EQ(tensors.size(), 2u);
}

TEST(CheckpointNames, AnOutputLayerOfItsOwnStays) {
  TensorMap tensors{{kEmbeddings, Tensor::from<float>({2, 1}, {1, 2})},
                    {kHead + "decoder.weight", Tensor::from<float>({2, 1}, {1, 5})},
                    {kHead + "bias", Tensor::from<float>({2}, {3, 4})}};
  blip::tie_weights(tensors);
  EXPECT_EQ(tensors.at(kHead + "decoder.weight").data<float>()[1], 5);
  EXPECT_FALSE(blip::untie_copies(tensors));
  EXPECT_EQ(tensors.size(), 4u);
}

TEST(CheckpointNames, TheOriginalNamesBecomeThoseOfTransformers) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const auto folder = shared::path("reference/golden/formats");
  TensorMap original =
      blip::with_hugging_face_names(nn::read_checkpoint(folder / "salesforce/model_caption.pth"));
  EXPECT_TRUE(blip::untie_copies(original));
  const TensorMap single = nn::read_checkpoint(folder / "single");
  EXPECT_EQ(original.size(), single.size());
  for (const auto& [name, tensor] : single) {
    ASSERT_TRUE(original.contains(name)) << name;
    EXPECT_EQ(std::memcmp(original.at(name).raw(), tensor.raw(), tensor.bytes()), 0) << name;
  }
}

TEST(CheckpointNames, OtherKindsOfModelsAreRefusedByWhatTheyAre) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const auto folder = shared::path("reference/golden/formats");
  const auto refusal = [&](const char* name) {
    blip::Model model(blip::read_config(folder / name));
    return error_of<base::CheckpointError>([&] { blip::load_checkpoint(model, folder / name); });
  };
  EXPECT_THAT(refusal("vqa"),
              EndsWith("vqa: holds a visual question answering model (VQA: it has a "
                       "text encoder that reads questions), expected a captioning "
                       "model"));
  EXPECT_THAT(refusal("itm"),
              EndsWith("itm: holds an image-text retrieval model (ITM: it has no text "
                       "decoder), expected a captioning model"));
}

}  // namespace
