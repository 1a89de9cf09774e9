// The loss of a captioner: which tokens count, what is refused.
#include "blip/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "autograd/tape.h"
#include "tests/errors.h"
#include "tests/reference/twins.h"

namespace {

using blip::CaptionBatch;
using blip::Model;
using tensor::Tensor;
using testing::ElementsAre;

blip::Config tiny() {
  blip::Config config;
  config.vision = {.hidden_size = 8,
                   .intermediate_size = 12,
                   .num_hidden_layers = 1,
                   .num_attention_heads = 2,
                   .image_size = 8,
                   .patch_size = 4};
  config.text = {.vocab_size = 20,
                 .hidden_size = 8,
                 .encoder_hidden_size = 8,
                 .intermediate_size = 12,
                 .num_hidden_layers = 1,
                 .num_attention_heads = 2,
                 .max_position_embeddings = 9,
                 .bos_token_id = 1,
                 .sep_token_id = 2};
  return config;
}

Model filled(const blip::Config& config) {
  Model model(config);
  uint64_t seed = 1;
  nn::for_each_parameter(model,
                         [&](const std::string&, nn::Parameter& value, const tensor::Shape& shape) {
                           value.assign(reference::random(shape, seed++, 0.5f));
                         });
  return model;
}

TEST(CaptionBatch, PredictsWhatFollowsTheGivenTokens) {
  const CaptionBatch batch = CaptionBatch::of({{1, 5, 6, 2}, {1, 7, 2}}, tiny().text, {2, 1});
  EXPECT_THAT(batch.tokens.ids.span<int32_t>(), ElementsAre(1, 5, 6, 2, 1, 7, 2));
  EXPECT_THAT(batch.predicting.span<int32_t>(), ElementsAre(1, 2, 4, 5));
  EXPECT_THAT(batch.labels.span<int32_t>(), ElementsAre(6, 2, 7, 2));
  EXPECT_THAT(batch.of_row.span<int32_t>(), ElementsAre(0, 1));
}

TEST(CaptionBatch, PaddedPlacesPredictNothing) {
  const CaptionBatch batch = CaptionBatch::of({{1, 5, 6, 2}, {1, 7, 2}}, tiny().text, {}, {},
                                              CaptionBatch::Layout::padded);
  EXPECT_THAT(batch.tokens.ids.span<int32_t>(), ElementsAre(1, 5, 6, 2, 1, 7, 2, 0));
  EXPECT_THAT(batch.predicting.span<int32_t>(), ElementsAre(0, 1, 2, 4, 5));
  EXPECT_THAT(batch.labels.span<int32_t>(), ElementsAre(5, 6, 2, 7, 2));
}

TEST(CaptionBatch, FromPaddedArraysIsTheSame) {
  const Tensor ids = Tensor::from({2, 4}, std::vector<int64_t>{1, 5, 6, 2, 1, 7, 2, 0});
  const Tensor mask = Tensor::from({2, 4}, std::vector<int64_t>{1, 1, 1, 1, 1, 1, 1, 0});
  const Tensor labels = Tensor::from({2, 4}, std::vector<int64_t>{1, -100, 6, 2, 1, 7, 2, -100});
  const CaptionBatch batch = CaptionBatch::from_padded(ids, mask, labels, tiny().text);
  EXPECT_THAT(batch.predicting.span<int32_t>(), ElementsAre(1, 2, 4, 5));
  EXPECT_THAT(batch.labels.span<int32_t>(), ElementsAre(6, 2, 7, 2));
  EXPECT_THAT(batch.tokens.lengths.span<int32_t>(), ElementsAre(4, 3));
}

TEST(Loss, IsTheMeanOfTheTokensAndSeveralCaptionsShareAPicture) {
  const Model model = filled(tiny());
  const autograd::Var pixels(reference::random({2, 3, 8, 8}, 99));
  const auto loss = [&](const CaptionBatch& batch) { return model.loss(pixels, batch, {}); };
  const blip::Loss both =
      loss(CaptionBatch::of({{1, 5, 6, 2}, {1, 7, 2}}, tiny().text, {}, {1, 1}));
  const blip::Loss first = loss(CaptionBatch::of({{1, 5, 6, 2}}, tiny().text, {}, {1})),
                   second = loss(CaptionBatch::of({{1, 7, 2}}, tiny().text, {}, {1}));
  const auto value = [](const blip::Loss& l) { return l.value.value.span<float>()[0]; };
  EXPECT_NEAR(value(both), (3 * value(first) + 2 * value(second)) / 5, 1e-6);
  EXPECT_EQ(both.nll.elements(), 5);
  // The same bits alone and among others.
  EXPECT_THAT(both.nll.slice(3, 5).span<float>(),
              ElementsAre(second.nll.span<float>()[0], second.nll.span<float>()[1]));
}

TEST(Loss, OfFrozenPicturesEqualsTheWhole) {
  const Model model = filled(tiny());
  const autograd::Var pixels(reference::random({1, 3, 8, 8}, 99));
  const CaptionBatch batch = CaptionBatch::of({{1, 5, 6, 2}}, tiny().text);
  const autograd::Var encoded = model.vision_model(pixels);
  EXPECT_EQ(model.loss(pixels, batch, {}).value.value.span<float>()[0],
            model.loss_of_encoded(encoded, batch, {}).value.value.span<float>()[0]);
}

TEST(Loss, RefusesWhatMakesNoSense) {
  const Model model = filled(tiny());
  const autograd::Var pixels(reference::random({1, 3, 8, 8}, 99));
  const auto refusal = [&](const CaptionBatch& batch, const nn::Pass& pass = {}) {
    return error_of([&] { model.loss(pixels, batch, {}, pass); });
  };
  EXPECT_EQ(refusal(CaptionBatch::of({{1}}, tiny().text)),
            "loss: the batch has no token to predict");
  EXPECT_EQ(refusal(CaptionBatch::of({{1, 2}, {1, 2}}, tiny().text)),
            "loss: a caption describes picture 1 of 1");
  EXPECT_EQ(error_of([] {
              CaptionBatch::of({{1, 2}}, tiny().text, {0});
            }),
            "caption batch: row 0 has 0 given tokens, expected at least 1, the first");
}

TEST(Loss, RefusesToTrainWithoutADropoutThatTheModelAsksFor) {
  blip::Config config = tiny();
  config.text.hidden_dropout_prob = 0.1f;
  const Model model = filled(config);
  const autograd::Var pixels(reference::random({1, 3, 8, 8}, 99));
  const CaptionBatch batch = CaptionBatch::of({{1, 2}}, config.text);
  EXPECT_NO_THROW(model.loss(pixels, batch, {}));
  EXPECT_THAT(error_of([&] { model.loss(pixels, batch, {}, {.training = true}); }),
              testing::HasSubstr("text_config.hidden_dropout_prob is 0.1"));
}

TEST(Model, AFrozenEncoderRecordsNothing) {
  Model model = filled(tiny());
  const autograd::Var pixels(reference::random({1, 3, 8, 8}, 99));
  const CaptionBatch batch = CaptionBatch::of({{1, 5, 2}}, tiny().text);
  model.text_decoder.predictions.transform.weight.set_requires_grad(true);
  autograd::Tape tape;
  const blip::Loss loss = model.loss(pixels, batch, {});
  EXPECT_EQ(tape.steps(), 4) << "transform, its norm, the output layer, cross entropy";
  tape.backward(loss.value);
  EXPECT_TRUE(model.text_decoder.predictions.transform.weight.grad().defined());
}

TEST(Model, TiedWeightsAreOneParameterAndGetBothGradients) {
  Model model = filled(tiny());
  int words = 0, outputs = 0;
  nn::for_each_parameter(model, [&](const std::string& path, nn::Parameter&, const tensor::Shape&) {
    words += path.ends_with("word_embeddings.weight");
    outputs += path.ends_with("predictions.decoder.weight");
  });
  EXPECT_EQ(words, 1);
  EXPECT_EQ(outputs, 0);
  model.text_decoder.predictions.untie();
  nn::for_each_parameter(model, [&](const std::string& path, nn::Parameter&, const tensor::Shape&) {
    outputs += path.ends_with("predictions.decoder.weight");
  });
  EXPECT_EQ(outputs, 1);
}

}  // namespace
