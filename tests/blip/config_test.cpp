#include "blip/config.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "tests/temporary_folder.h"

namespace {

using base::Json;

std::string error_of(const std::string& json) {
  try {
    blip::parse_config(base::parse_json(json, "config.json"), "config.json");
  } catch (const base::Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Config, AbsentKeysHaveTheClassDefaults) {
  const blip::Config config = blip::parse_config(Json::object(), "config.json");
  EXPECT_EQ(config.vision.hidden_size, 768);
  EXPECT_EQ(config.vision.num_hidden_layers, 12);
  EXPECT_EQ(config.vision.image_size, 384);
  EXPECT_EQ(config.vision.tokens(), 577);
  EXPECT_EQ(config.vision.layer_norm_eps, 1e-5f);
  EXPECT_EQ(config.text.num_attention_heads, 8);  // of the class; the published models say 12
  EXPECT_EQ(config.text.vocab_size, 30524);
  EXPECT_EQ(config.text.max_position_embeddings, 512);
  EXPECT_EQ(config.text.layer_norm_eps, 1e-12f);
  EXPECT_EQ(config.text.bos_token_id, 30522);
  EXPECT_EQ(config.text.sep_token_id, 102);
  EXPECT_EQ(config.label_smoothing, 0);
}

TEST(Config, TheEncoderWidthIsTheVisionModels) {
  const blip::Config config = blip::parse_config(
      base::parse_json(R"({"vision_config": {"hidden_size": 1024, "num_attention_heads": 16},
                      "text_config": {"encoder_hidden_size": 768}})",
                       "config.json"),
      "config.json");
  EXPECT_EQ(config.text.encoder_hidden_size, 1024);
}

TEST(Config, WhatIsWrittenIsReadBack) {
  blip::Config config;
  config.vision.hidden_size = 96;
  config.vision.num_attention_heads = 3;
  config.text.hidden_size = 48;
  config.text.encoder_hidden_size = 96;
  config.text.vocab_size = 40000;
  config.text.num_attention_heads = 4;
  config.label_smoothing = 0.1f;
  EXPECT_EQ(blip::to_json(blip::parse_config(blip::to_json(config), "config.json")),
            blip::to_json(config));
}

TEST(Config, WritesNumbersAsAPersonWould) {
  const Json json = blip::to_json(blip::Config{});
  EXPECT_EQ(json["text_config"]["layer_norm_eps"].dump(), "1e-12");
  EXPECT_EQ(json["vision_config"]["layer_norm_eps"].dump(), "1e-05");
}

TEST(Config, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("[]"), "config.json is [], expected an object");
  EXPECT_EQ(error_of(R"({"text_config": 3})"), "config.json: text_config is 3, expected an object");
  EXPECT_EQ(error_of(R"({"model_type": "clip"})"),
            "config.json: model_type is \"clip\", expected \"blip\"");
  EXPECT_EQ(
      error_of(R"({"vision_config": {"num_attention_heads": 0}})"),
      "config.json: vision_config.num_attention_heads is 0, expected an integer from 1 to 65536");
  EXPECT_EQ(error_of(R"({"vision_config": {"hidden_size": 1.5}})"),
            "config.json: vision_config.hidden_size is 1.5, expected an integer from 1 to 65536");
  EXPECT_EQ(
      error_of(R"({"text_config": {"hidden_size": 18446744073709551615}})"),
      "config.json: text_config.hidden_size is 18446744073709551615, expected an integer from 1 "
      "to 65536");
  EXPECT_EQ(error_of(R"({"text_config": {"num_attention_heads": 5}})"),
            "config.json: text_config.hidden_size 768 is not a multiple of num_attention_heads 5");
  EXPECT_EQ(error_of(R"({"vision_config": {"patch_size": 17}})"),
            "config.json: vision_config.image_size 384 is not a multiple of patch_size 17");
  EXPECT_EQ(error_of(R"({"text_config": {"hidden_act": "gelu_new"}})"),
            "config.json: text_config.hidden_act is \"gelu_new\", expected \"gelu\"");
  EXPECT_EQ(error_of(R"({"text_config": {"vocab_size": 100}})"),
            "config.json: text_config.bos_token_id is 30522, but vocab_size is 100");
  EXPECT_EQ(error_of(R"({"text_config": {"layer_norm_eps": "small"}})"),
            "config.json: text_config.layer_norm_eps is \"small\", expected a number from 0 to 1");
}

class GenerationConfig : public testing::Test {
 protected:
  nn::GenerationOptions read(const std::string& json) {
    folder_.write("generation_config.json", json);
    return blip::read_generation_options(folder_.path(), blip::Config{});
  }
  const TemporaryFolder folder_;
};

TEST_F(GenerationConfig, DefaultsAreTransformers) {
  const nn::GenerationOptions options =
      blip::read_generation_options(folder_.path(), blip::Config{});
  EXPECT_EQ(options.max_new_tokens, 20);
  EXPECT_EQ(options.num_beams, 1);
  EXPECT_EQ(options.eos_token_id, 102);  // [SEP]: BLIP does not stop at eos_token_id 2
}

TEST_F(GenerationConfig, IsRead) {
  const nn::GenerationOptions options =
      read(R"({"num_beams": 3, "max_new_tokens": 30, "early_stopping": "never", "eos_token_id": 2,
               "length_penalty": 0.5, "bad_words_ids": [[5, 6]]})");
  EXPECT_EQ(options.num_beams, 3);
  EXPECT_EQ(options.max_new_tokens, 30);
  EXPECT_EQ(options.early_stopping, nn::EarlyStopping::never);
  EXPECT_EQ(options.length_penalty, 0.5);
  EXPECT_EQ(options.bad_words_ids, (std::vector<std::vector<int64_t>>{{5, 6}}));
  EXPECT_EQ(options.eos_token_id, 102);
}

TEST_F(GenerationConfig, MaxNewTokensWinsOverMaxLength) {
  EXPECT_EQ(read(R"({"max_length": 50})").max_new_tokens, 49);
  EXPECT_EQ(read(R"({"max_length": 50, "max_new_tokens": 12})").max_new_tokens, 12);
}

TEST_F(GenerationConfig, SaysWhatIsWrong) {
  const auto refusal = [&](const std::string& json) -> std::string {
    try {
      read(json);
    } catch (const base::FormatError& error) {
      const std::string file = (folder_ / "generation_config.json").string() + ": ";
      const std::string text = error.what();
      EXPECT_EQ(text.substr(0, file.size()), file);
      return text.substr(file.size());
    }
    return "no error";
  };
  EXPECT_EQ(refusal(R"({"early_stopping": "sometimes"})"),
            "early_stopping is \"sometimes\", expected true, false or \"never\"");
  EXPECT_EQ(refusal(R"({"num_return_sequences": 2})"),
            "num_return_sequences is 2, expected at most num_beams, 1");
  EXPECT_EQ(refusal(R"({"do_sample": true, "top_p": 0})"),
            "top_p is 0, expected above 0 and at most 1");
  EXPECT_EQ(refusal(R"({"do_sample": false, "top_p": "0"})").substr(0, 12), "top_p is \"0\"");
  EXPECT_EQ(refusal(R"({"bad_words_ids": [[]]})"),
            "a word of bad_words_ids is empty, expected at least one token");
}

TEST_F(GenerationConfig, WithoutSamplingNobodyReadsWhatSamplingTakes) {
  const nn::GenerationOptions options =
      read(R"({"do_sample": false, "temperature": 0.0, "top_p": 0.0, "top_k": -1})");
  EXPECT_FALSE(options.do_sample);
  EXPECT_EQ(options.temperature, 0);
  EXPECT_EQ(read(R"({"temperature": 0.7})").temperature, 0.7);
}

}  // namespace
