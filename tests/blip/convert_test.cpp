#include "blip/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "blip/captioner.h"
#include "blip/checkpoint_names.h"
#include "nn/checkpoint.h"
#include "tests/reference/twins.h"
#include "tests/shared.h"
#include "tests/temporary_folder.h"
#include "tests/torch_writer.h"

namespace {

namespace fs = std::filesystem;
using tensor::DType;
using tensor::Tensor;
using tensor::TensorMap;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

blip::Config tiny_config() {
  blip::Config config;
  config.vision = {.hidden_size = 8,
                   .intermediate_size = 16,
                   .num_hidden_layers = 2,
                   .num_attention_heads = 2,
                   .image_size = 8,
                   .patch_size = 4};
  config.text = {.vocab_size = 104,
                 .hidden_size = 12,
                 .encoder_hidden_size = 8,
                 .intermediate_size = 24,
                 .num_hidden_layers = 1,
                 .num_attention_heads = 3,
                 .max_position_embeddings = 16,
                 .bos_token_id = 102,
                 .sep_token_id = 102};
  return config;
}

/// The tensors of a random model under the names of the original code.
TensorMap original_tensors() {
  const std::pair<std::string, std::string> renamings[] = {
      {"vision_model.embeddings.class_embedding", "visual_encoder.cls_token"},
      {"vision_model.embeddings.position_embedding", "visual_encoder.pos_embed"},
      {"vision_model.embeddings.patch_embedding", "visual_encoder.patch_embed.proj"},
      {"vision_model.post_layernorm", "visual_encoder.norm"},
      {"vision_model.encoder.layers", "visual_encoder.blocks"},
      {"layer_norm", "norm"},
      {"self_attn.projection", "attn.proj"},
      {"self_attn", "attn"}};
  blip::Model model(tiny_config());
  TensorMap tensors;
  uint64_t seed = 0;
  for (const auto& [name, shape] : nn::parameter_shapes(model)) {
    std::string original = name;
    for (const auto& [now, then] : renamings) {
      const std::size_t place = original.find(now);
      if (place != original.npos && name.starts_with("vision_model")) {
        original.replace(place, now.size(), then);
      }
    }
    tensors[original] = reference::random(shape, ++seed);
  }
  // An output layer of its own.
  const std::string head = "text_decoder.cls.predictions.decoder.";
  const tensor::Tensor& words = tensors.at("text_decoder.bert.embeddings.word_embeddings.weight");
  tensors[head + "weight"] = reference::random(words.shape(), ++seed);
  tensors[head + "bias"] = reference::random({words.dim(0)}, ++seed);
  return tensors;
}

/// {model: tensors, epoch: 1} as torch.save writes it.
void write_pth(const fs::path& path, const TensorMap& tensors) {
  using namespace torch_writer;
  std::vector<std::pair<std::string, std::string>> items;
  std::vector<std::string> storages;
  for (const auto& [name, tensor] : tensors) {
    std::vector<int64_t> sizes(tensor.shape().begin(), tensor.shape().end()), strides(sizes.size());
    int64_t stride = 1;
    for (std::size_t i = sizes.size(); i-- > 0; stride *= sizes[i]) strides[i] = stride;
    items.emplace_back(
        name, view(storage("FloatStorage", std::to_string(storages.size()), tensor.elements()), 0,
                   sizes, strides));
    const auto span = tensor.span<float>();
    storages.push_back(bytes_of({span.begin(), span.end()}));
  }
  const std::string content =
      file(pickle(dict({{"model", dict(items)}, {"epoch", integer(1)}})), storages);
  base::replace_file(path, content);
}

class Convert : public testing::Test {
 protected:
  void SetUp() override {
    options.original.vision_heads = 2;
    write_pth(pth, original_tensors());
  }
  void convert() { blip::convert(pth, out, options); }
  template <class Error>
  std::string refusal() {
    const std::string message = error_of<Error>([&] { convert(); });
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1)
        << "something half-written is left";
    return message;
  }

  const TemporaryFolder folder;
  const TemporaryFolder inputs;
  const fs::path pth = folder / "model.pth", out = folder / "out";
  blip::ConvertOptions options;
};

TEST_F(Convert, AnOriginalCheckpointBecomesAFolder) {
  convert();
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(out)) names.push_back(file.path().filename());
  EXPECT_THAT(names, UnorderedElementsAre("config.json", "generation_config.json",
                                          "preprocessor_config.json", "processor_config.json",
                                          "model.safetensors"));
  const blip::Config config = blip::read_config(out), expected = tiny_config();
  EXPECT_EQ(config.vision.tokens(), expected.vision.tokens());
  EXPECT_EQ(config.vision.num_hidden_layers, 2);
  EXPECT_EQ(config.vision.num_attention_heads, 2);
  EXPECT_EQ(config.vision.intermediate_size, 16);
  EXPECT_EQ(config.vision.layer_norm_eps, 1e-6f);
  EXPECT_EQ(config.text.encoder_hidden_size, 8);
  EXPECT_EQ(config.text.num_attention_heads, 12);
  EXPECT_EQ(config.text.bos_token_id, 102);
  EXPECT_EQ(config.text.max_position_embeddings, 16);
  const base::Json json = base::read_json(out / "config.json");
  EXPECT_EQ(json["architectures"], base::Json::array({"BlipForConditionalGeneration"}));
  EXPECT_EQ(json["dtype"], "float32");
  EXPECT_EQ(json["tie_word_embeddings"], false);  // the random output layer is one of its own

  const TensorMap expected_tensors = blip::with_hugging_face_names(original_tensors());
  const TensorMap tensors = nn::read_checkpoint(out);
  for (const auto& [name, tensor] : expected_tensors) {
    ASSERT_TRUE(tensors.contains(name)) << name;
    EXPECT_EQ(std::memcmp(tensors.at(name).raw(), tensor.raw(), tensor.bytes()), 0) << name;
  }
  EXPECT_EQ(blip::Captioner::load(out).image_processor().height, 8);
}

TEST_F(Convert, OptionsAndFilesSayWhatTensorsDoNot) {
  options.original.med_config = inputs.write(
      "med_config.json",
      R"({"num_attention_heads": 3, "layer_norm_eps": 1e-9, "encoder_width": 768, "hidden_dropout_prob": 0.1})");
  std::string vocabulary = "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\na\r\n";
  options.original.vocabulary = inputs.write("vocab.txt", vocabulary);
  options.original.vision_eps = 1e-5f;
  options.original.image_size = 16;
  convert();
  const blip::Config config = blip::read_config(out);
  EXPECT_EQ(config.text.num_attention_heads, 3);
  EXPECT_EQ(config.text.layer_norm_eps, 1e-9f);
  EXPECT_EQ(config.text.encoder_hidden_size, 8);
  EXPECT_EQ(config.text.sep_token_id, 3);
  EXPECT_EQ(config.text.bos_token_id, 6);
  EXPECT_EQ(config.vision.layer_norm_eps, 1e-5f);
  EXPECT_EQ(base::read_json(out / "config.json")["text_config"]["hidden_dropout_prob"], 0.0);
  EXPECT_EQ(base::read_file(out / "vocab.txt"), vocabulary);
  const blip::Captioner captioner = blip::Captioner::load(out);
  EXPECT_EQ(captioner.tokenizer().id("[DEC]"), 6);
  EXPECT_EQ(captioner.tokenizer().id("[ENC]"), 7);
  EXPECT_EQ(captioner.tokenizer().decode(std::vector<int64_t>{6, 5, 3}), "a");

  // Sixteen pixels are 4 x 4 patches; the row of the class token stays.
  const Tensor positions =
      nn::read_checkpoint(out).at("vision_model.embeddings.position_embedding");
  EXPECT_EQ(positions.shape(), (tensor::Shape{1, 17, 8}));
  EXPECT_EQ(std::memcmp(positions.raw(), original_tensors().at("visual_encoder.pos_embed").raw(),
                        8 * sizeof(float)),
            0);
}

TEST_F(Convert, ToHalves) {
  options.dtype = DType::f16;
  convert();
  const TensorMap tensors = nn::read_checkpoint(out);
  for (const auto& [name, tensor] : blip::with_hugging_face_names(original_tensors())) {
    for (int64_t i = 0; i < tensor.elements(); ++i) {
      ASSERT_EQ(tensors.at(name).data<tensor::Half>()[i].bits,
                tensor::to_half(tensor.data<float>()[i]).bits);
    }
  }
  EXPECT_EQ(base::read_json(out / "config.json")["dtype"], "float16");

  // And from a folder, in place.
  blip::ConvertOptions again{.dtype = DType::bf16, .overwrite = true, .original = {}};
  blip::convert(out, out, again);
  for (const auto& [name, tensor] : nn::read_checkpoint(out)) {
    EXPECT_EQ(tensor.dtype(), DType::bf16);
    EXPECT_EQ(tensor.data<tensor::BFloat16>()[0].bits,
              tensor::to_bfloat16(tensor::to_float(tensors.at(name).data<tensor::Half>()[0])).bits);
  }
  EXPECT_EQ(base::read_json(out / "config.json")["dtype"], "bfloat16");
}

TEST_F(Convert, WhatHalvesCannotHold) {
  TensorMap tensors = original_tensors();
  tensors["visual_encoder.norm.bias"].data<float>()[1] = 1e6f;
  write_pth(pth, tensors);
  options.dtype = DType::f16;
  EXPECT_EQ(
      refusal<base::UsageError>(),
      "--dtype f16: vision_model.post_layernorm.bias has values beyond 65504; use bf16 or f32");
}

TEST_F(Convert, StoppingLeavesNothing) {
  options.progress = [count = 0](const std::string&) mutable {
    if (++count == 3) throw base::Error("stopped");
  };
  EXPECT_EQ(refusal<base::Error>(), "stopped");
}

TEST_F(Convert, AFullFolderIsNotTouchedUnlessAsked) {
  fs::create_directory(out);
  base::replace_file(out / "notes.txt", "mine");
  EXPECT_THAT(error_of<base::UsageError>([&] { convert(); }),
              EndsWith("out: exists and is not empty; --overwrite writes into it"));
  options.overwrite = true;
  convert();
  EXPECT_EQ(base::read_file(out / "notes.txt"), "mine");
  EXPECT_TRUE(fs::exists(out / "model.safetensors"));
}

TEST_F(Convert, OptionsThatDoNotFit) {
  options.original.vision_heads = 3;
  EXPECT_EQ(
      refusal<base::UsageError>(),
      "the image encoder is 8 wide, which 3 heads do not divide; --vision-heads says how many it "
      "has");
  options.original.vision_heads = 2;
  options.original.image_size = 10;
  EXPECT_THAT(refusal<base::FormatError>(),
              HasSubstr("image_size 10 is not a multiple of patch_size 4"));
  options.original.image_size.reset();
  options.original.med_config = inputs.write("med_config.json", R"({"num_attention_heads": 5})");
  EXPECT_THAT(refusal<base::FormatError>(),
              EndsWith("med_config.json: text_config.hidden_size 12 is not "
                       "a multiple of num_attention_heads 5"));
  options.original.med_config = inputs / "absent.json";
  EXPECT_THAT(refusal<base::FileError>(), HasSubstr("absent.json: cannot open"));
}

TEST_F(Convert, OptionsOfFilesAreNotForFolders) {
  convert();
  EXPECT_EQ(error_of<base::UsageError>([&] { blip::convert(out, folder / "again", options); }),
            "--vision-heads is for a checkpoint file; a folder has its config.json");
}

TEST_F(Convert, TensorsThatAreNoBlip) {
  TensorMap tensors = original_tensors();
  tensors.erase("visual_encoder.norm.bias");
  tensors["visual_encoder.extra"] = Tensor::zeros({1});
  write_pth(pth, tensors);
  EXPECT_THAT(refusal<base::CheckpointError>(),
              EndsWith("the tensors are not those of the model:\n"
                       "  missing: vision_model.post_layernorm.bias [8]\n"
                       "  unexpected: visual_encoder.extra [1]"));
  write_pth(pth, {{"weight", Tensor::zeros({1})}});
  EXPECT_THAT(
      refusal<base::CheckpointError>(),
      EndsWith("has no tensor vision_model.embeddings.patch_embedding.weight, which every BLIP "
               "has"));
  tensors = original_tensors();
  tensors["visual_encoder.pos_embed"] = Tensor::zeros({1, 4, 8});
  write_pth(pth, tensors);
  EXPECT_THAT(refusal<base::CheckpointError>(),
              EndsWith("has embeddings for 3 patches, expected a square number"));
}

TEST_F(Convert, AModelWithoutAClassInTransformers) {
  TensorMap tensors;
  for (const auto& [name, tensor] : original_tensors()) {
    const std::string decoder = "text_decoder.bert.";
    if (name.starts_with(decoder)) {
      tensors["text_encoder." + name.substr(decoder.size())] = tensor;
    } else if (name.starts_with("visual_encoder.")) {
      tensors[name] = tensor;
    }
  }
  tensors["cls_head.0.weight"] = Tensor::zeros({2, 12});
  write_pth(pth, tensors);
  EXPECT_THAT(
      refusal<base::CheckpointError>(),
      HasSubstr("holds a visual reasoning model (NLVR2: it reads two pictures and has no text "
                "decoder); transformers has no class for it"));
}

TEST_F(Convert, EveryGoldenFormat) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const fs::path formats = shared::path("reference/golden/formats");
  for (const char* name :
       {"single", "sharded", "pytorch_bin", "float16", "bfloat16", "vqa", "itm"}) {
    blip::convert(formats / name, folder / name, {});
    TensorMap expected = nn::read_checkpoint(formats / name);
    blip::untie_copies(expected);
    const TensorMap tensors = nn::read_checkpoint(folder / name);
    EXPECT_EQ(tensors.size(), expected.size()) << name;
    for (const auto& [key, tensor] : expected) {
      ASSERT_TRUE(tensors.contains(key)) << name << ' ' << key;
      EXPECT_EQ(tensors.at(key).dtype(), tensor.dtype());
      EXPECT_EQ(std::memcmp(tensors.at(key).raw(), tensor.raw(), tensor.bytes()), 0) << key;
    }
  }
}

}  // namespace
