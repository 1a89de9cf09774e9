// Bert as an encoder: bidirectional, with cross-attention and without, dense and ragged.
#include "blip/bert.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "blip/config.h"
#include "nn/checkpoint.h"
#include "nn/vit.h"
#include "tensor/index.h"
#include "tensor/safetensors.h"
#include "tests/reference/twins.h"
#include "tests/shared.h"

namespace {

using blip::Bert;
using blip::BertKind;
using blip::BertPass;
using blip::SourceMemory;
using blip::TextConfig;
using blip::TokenBlock;
using blip::Var;
using tensor::Tensor;

TextConfig tiny() {
  return {.vocab_size = 20,
          .hidden_size = 8,
          .encoder_hidden_size = 6,
          .intermediate_size = 12,
          .num_hidden_layers = 2,
          .num_attention_heads = 2,
          .max_position_embeddings = 9,
          .bos_token_id = 1,
          .sep_token_id = 2};
}

void fill(nn::Module& module) {
  uint64_t seed = 1;
  nn::for_each_parameter(module,
                         [&](const std::string&, nn::Parameter& value, const tensor::Shape& shape) {
                           value.assign(reference::random(shape, seed++, 0.5f));
                         });
}

const std::vector<std::vector<int64_t>> kRows{{1, 5, 7, 2}, {1, 2}, {1, 9, 9, 9, 4, 2}};

/// Row r of a result, whatever the layout.
std::vector<float> row_of(const TokenBlock& block, const Tensor& hidden, std::size_t r) {
  int64_t first = static_cast<int64_t>(r) * block.longest;
  if (block.offsets.defined()) first = block.offsets.span<int32_t>()[r];
  const Tensor rows = hidden.slice(first, first + static_cast<int64_t>(kRows[r].size()));
  return {rows.span<float>().begin(), rows.span<float>().end()};
}

TEST(Bert, NamesHaveNoPrefixOfTheirOwn) {
  Bert bert({.cross_attention = false}, tiny());
  const auto shapes = nn::parameter_shapes(bert);
  EXPECT_EQ(shapes.front().first, "embeddings.word_embeddings.weight");
  for (const auto& [name, shape] : shapes) {
    EXPECT_EQ(name.find("crossattention"), std::string::npos) << name;
  }
  Bert with({.cross_attention = true}, tiny());
  EXPECT_EQ(nn::parameter_shapes(with).size(), shapes.size() + 2 * 10);
}

class BertKinds : public testing::TestWithParam<BertKind> {};

TEST_P(BertKinds, RowsAreTheSameAloneRaggedAndPadded) {
  const BertKind kind = GetParam();
  Bert bert(kind, tiny());
  fill(bert);
  const Var pictures(reference::random({3, 5, 6}, 77));
  const auto hidden = [&](const TokenBlock& block, std::vector<int64_t> of_row) {
    SourceMemory source;
    if (kind.cross_attention) {
      source = bert.memory(pictures, tensor::indices("of_row", of_row, 3));
    }
    return bert(BertPass{{}, block, kind.cross_attention ? &source : nullptr}).value;
  };
  const TokenBlock ragged = TokenBlock::ragged(kRows, tiny()),
                   padded = TokenBlock::padded(kRows, tiny());
  const Tensor of_ragged = hidden(ragged, {2, 0, 2}), of_padded = hidden(padded, {2, 0, 2});
  EXPECT_EQ(of_ragged.dim(0), 12);
  EXPECT_EQ(of_padded.dim(0), 18);
  for (std::size_t r = 0; r < kRows.size(); ++r) {
    const TokenBlock alone = TokenBlock::ragged({kRows[r]}, tiny());
    const Tensor of_alone = hidden(alone, {r == 1 ? 0 : 2});
    const std::vector<float> expected(of_alone.span<float>().begin(), of_alone.span<float>().end());
    EXPECT_EQ(row_of(ragged, of_ragged, r), expected) << r;
    EXPECT_EQ(row_of(padded, of_padded, r), expected) << r;
  }
}

TEST_P(BertKinds, ATokenSeesThoseBehindItUnlessCausal) {
  const BertKind kind = GetParam();
  Bert bert(kind, tiny());
  fill(bert);
  const Var pictures(reference::random({1, 5, 6}, 77));
  SourceMemory source;
  if (kind.cross_attention)
    source = bert.memory(pictures, tensor::indices("of_row", std::vector<int32_t>{0}, 1));
  const auto first_token = [&](int64_t last_id) {
    const TokenBlock block = TokenBlock::ragged({{1, 5, last_id}}, tiny());
    const Tensor hidden = bert(BertPass{{}, block, kind.cross_attention ? &source : nullptr}).value;
    return std::vector<float>(hidden.span<float>().begin(), hidden.span<float>().begin() + 8);
  };
  EXPECT_EQ(first_token(3) == first_token(4), kind.causal);
}

INSTANTIATE_TEST_SUITE_P(All, BertKinds,
                         testing::Values(BertKind{true, true}, BertKind{true, false},
                                         BertKind{false, true}, BertKind{false, false}),
                         [](const auto& kind) {
                           return std::string(kind.param.causal ? "Causal" : "Bidirectional") +
                                  (kind.param.cross_attention ? "WithSource" : "Alone");
                         });

TEST(Bert, SaysWhatIsWrongWithRows) {
  EXPECT_THROW(TokenBlock::ragged({{1, 20}}, tiny()), base::UsageError);
  EXPECT_THROW(TokenBlock::ragged({{}}, tiny()), base::UsageError);
  EXPECT_THROW(TokenBlock::padded({std::vector<int64_t>(10, 1)}, tiny()), base::UsageError);
  Bert bert({.cross_attention = true}, tiny());
  fill(bert);
  const TokenBlock block = TokenBlock::ragged(kRows, tiny());
  EXPECT_THROW(bert(BertPass{{}, block}), base::UsageError);
}

/// The question encoder of a VQA model, against transformers.
TEST(Bert, EncodesQuestionsAsTransformersDoes) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const auto formats = shared::path("reference/golden/formats");
  const auto expected = tensor::read_safetensors(formats / "expected.safetensors");
  const blip::Config config = blip::read_config(formats / "vqa");
  struct Encoders : nn::Module {
    explicit Encoders(const blip::Config& c)
        : vision_model(c.vision),
          text_encoder({.causal = false, .cross_attention = true}, c.text) {}
    void visit(nn::Visitor& visitor) override {
      visitor("vision_model", vision_model);
      visitor("text_encoder", text_encoder);
    }
    nn::VisionTransformer vision_model;
    Bert text_encoder;
  } model(config);
  nn::load(model, nn::read_checkpoint(formats / "vqa"), "vqa", [](std::string_view name) {
    return !name.starts_with("text_encoder.") || name.ends_with("position_ids");
  });

  const Tensor &ids = expected.at("vqa.question_ids"), &mask = expected.at("vqa.question_mask");
  std::vector<std::vector<int64_t>> rows;
  for (int64_t r = 0; r < ids.dim(0); ++r) {
    rows.emplace_back();
    for (int64_t i = r * ids.dim(1); i < (r + 1) * ids.dim(1); ++i) {
      if (mask.data<int64_t>()[i]) rows.back().push_back(ids.data<int64_t>()[i]);
    }
  }
  const Var encoded = model.vision_model(Var(expected.at("pixel_values")));
  const SourceMemory source = model.text_encoder.memory(
      encoded, tensor::indices("of_row", std::vector<int32_t>{0, 1, 2}, 3));
  const TokenBlock block = TokenBlock::ragged(rows, config.text);
  const Tensor found = model.text_encoder(BertPass{{}, block, &source}).value;
  const Tensor& embeds = expected.at("vqa.question_embeds");  // [3, 7, C], padded
  const int64_t channels = embeds.dim(2);
  int64_t place = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t t = 0; t < rows[r].size(); ++t, ++place) {
      for (int64_t c = 0; c < channels; ++c) {
        const auto at =
            (static_cast<int64_t>(r) * embeds.dim(1) + static_cast<int64_t>(t)) * channels + c;
        EXPECT_NEAR(found.data<float>()[place * channels + c], embeds.data<float>()[at], 2e-4)
            << "row " << r << ", token " << t;
      }
    }
  }
}

}  // namespace
