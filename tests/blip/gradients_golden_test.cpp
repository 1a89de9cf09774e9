// The loss and its gradients against transformers' answers (tests/shared.h), tensor by tensor.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "blip/captioner.h"
#include "blip/gradients.h"
#include "tests/each_isa.h"
#include "tests/golden.h"
#include "tests/shared.h"

namespace {

using blip::CaptionBatch;
using golden::relative_error;
using golden::rows_of;
using tensor::Tensor;
using tensor::TensorMap;

/// A key's bias adds the same number to all scores of a query, which softmax does not see: its
/// gradient is 0, and what an answer holds is the rounding of whoever computed it.
bool is_nothing(const std::string& name) {
  return name.ends_with(".key.bias");
}

double norm(const TensorMap& tensors) {
  double sum = 0;
  for (const auto& [name, tensor] : tensors) {
    for (const float value : tensor.span<float>()) sum += double{value} * value;
  }
  return std::sqrt(sum);
}

class GradientsGolden : public each_isa::Test {
 protected:
  void SetUp() override {
    if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
    each_isa::Test::SetUp();
  }
  void TearDown() override {
    if (!IsSkipped()) each_isa::Test::TearDown();
  }

  /// The pictures and captions of the golden answers.
  void load_captioner() {
    const auto folder = shared::path("reference/golden/captioner");
    expected = tensor::read_safetensors(folder / "outputs.safetensors");
    captioner = std::make_unique<blip::Captioner>(blip::Captioner::load(folder / "model"));
    const Tensor& pictures = expected.at("resized_u8");  // [14, 128, 128, 3]
    const Tensor& ids = expected.at("text.input_ids");
    const int64_t count = ids.dim(0), side = pictures.dim(1);
    pixels = Tensor::empty({count, 3, side, side});
    const std::array<double, 3> mean{0.48145466, 0.4578275, 0.40821073},
        deviation{0.26862954, 0.26130258, 0.27577711};
    for (int64_t i = 0; i < pixels.elements(); ++i) {
      const int64_t place = i % (side * side), c = i / (side * side) % 3,
                    picture = i / (3 * side * side);
      const double level =
          pictures
              .span<uint8_t>()[static_cast<std::size_t>((picture * side * side + place) * 3 + c)];
      const auto channel = static_cast<std::size_t>(c);
      pixels.data<float>()[i] =
          static_cast<float>((level / 255 - mean[channel]) / deviation[channel]);
    }
  }

  TensorMap gradients(CaptionBatch::Layout layout) {
    const auto rows = rows_of(expected.at("text.input_ids"), expected.at("text.attention_mask"));
    return blip::gradients(captioner->model(), pixels,
                           CaptionBatch::of(rows, captioner->config().text, {}, {}, layout), {});
  }

  TensorMap expected;
  std::unique_ptr<blip::Captioner> captioner;
  Tensor pixels;
};

INSTANTIATE_TEST_SUITE_P(Isa, GradientsGolden, each_isa::kAll, each_isa::name);

TEST_P(GradientsGolden, OfEveryTensorOfTheCaptioner) {
  load_captioner();
  const TensorMap found = gradients(CaptionBatch::Layout::ragged);
  int compared = 0;
  for (const auto& [name, tensor] : expected) {
    if (!name.starts_with("grad.") || name == "grad.global_norm" || name.ends_with("[rows]"))
      continue;
    if (name == "grad.word_embeddings.rows") continue;
    ASSERT_TRUE(found.contains(name.substr(5))) << name;
    if (is_nothing(name)) {
      EXPECT_LT(norm({{name, found.at(name.substr(5))}}), 1e-7) << name;
    } else {
      EXPECT_LT(relative_error(found.at(name.substr(5)), tensor), 3e-4) << name;
    }
    ++compared;
  }
  EXPECT_GT(compared, 130);

  // Of the tied embeddings, the sum of both uses, in the rows that the captions read.
  const std::string words = "text_decoder.bert.embeddings.word_embeddings.weight";
  const Tensor& rows = expected.at("grad.word_embeddings.rows");
  Tensor used = Tensor::empty({rows.elements(), found.at(words).dim(1)});
  for (int64_t i = 0; i < used.elements(); ++i) {
    used.data<float>()[i] = found.at(words).span<float>()[static_cast<std::size_t>(
        rows.data<int64_t>()[i / used.dim(1)] * used.dim(1) + i % used.dim(1))];
  }
  EXPECT_LT(relative_error(used, expected.at("grad." + words + "[rows]")), 1e-3);
  EXPECT_NEAR(norm(found) / expected.at("grad.global_norm").span<float>()[0], 1, 1e-4);
}

TEST_P(GradientsGolden, OfPaddedAndOfRaggedRowsAreTheSame) {
  load_captioner();
  const TensorMap ragged = gradients(CaptionBatch::Layout::ragged),
                  padded = gradients(CaptionBatch::Layout::padded);
  ASSERT_EQ(ragged.size(), padded.size());
  for (const auto& [name, tensor] : ragged) {
    if (is_nothing(name)) continue;
    EXPECT_LT(relative_error(padded.at(name), tensor), 1e-6) << name;
  }
}

TEST_P(GradientsGolden, AreTheSameBitsForAnyNumberOfThreads) {
  load_captioner();
  base::set_num_threads(1);
  const TensorMap one = gradients(CaptionBatch::Layout::ragged);
  for (const int threads : {2, 3, 7}) {
    base::set_num_threads(threads);
    for (const auto& [name, tensor] : gradients(CaptionBatch::Layout::ragged)) {
      EXPECT_EQ(std::memcmp(tensor.raw(), one.at(name).raw(), tensor.bytes()), 0)
          << name << ", " << threads << " threads";
    }
  }
  base::set_num_threads(0);
}

TEST_P(GradientsGolden, LossWithAndWithoutSmoothing) {
  load_captioner();
  const auto rows = rows_of(expected.at("text.input_ids"), expected.at("text.attention_mask"));
  const CaptionBatch batch = CaptionBatch::of(rows, captioner->config().text);
  const auto loss = [&](float smoothing) {
    return captioner->model()
        .loss(autograd::Var(pixels), batch, {.label_smoothing = smoothing})
        .value.value.span<float>()[0];
  };
  EXPECT_NEAR(loss(0), expected.at("text.loss").span<float>()[0], 2e-4);
  EXPECT_NEAR(loss(0.1f), expected.at("text.loss_label_smoothing_0.1").span<float>()[0], 2e-4);
}

TEST_P(GradientsGolden, OfTheSmallestModel) {
  const auto folder = shared::path("reference/golden/formats");
  expected = tensor::read_safetensors(folder / "expected.safetensors");
  captioner = std::make_unique<blip::Captioner>(blip::Captioner::load(folder / "single"));
  const CaptionBatch batch =
      CaptionBatch::from_padded(expected.at("input_ids"), expected.at("attention_mask"),
                                expected.at("single.labels"), captioner->config().text);
  const TensorMap found =
      blip::gradients(captioner->model(), expected.at("pixel_values"), batch, {});
  int compared = 0;
  for (const auto& [name, tensor] : expected) {
    if (!name.starts_with("single.grad.")) continue;
    ASSERT_TRUE(found.contains(name.substr(12))) << name;
    if (is_nothing(name)) {
      EXPECT_LT(norm({{name, found.at(name.substr(12))}}), 1e-7) << name;
    } else {
      EXPECT_LT(relative_error(found.at(name.substr(12)), tensor), 3e-4) << name;
    }
    ++compared;
  }
  EXPECT_EQ(static_cast<std::size_t>(compared), found.size()) << "every parameter has an answer";
}

}  // namespace
