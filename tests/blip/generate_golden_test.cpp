// Decoding of the whole model against transformers' answers (tests/shared.h): generate.json.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "blip/captioner.h"
#include "tensor/safetensors.h"
#include "tests/generation_options.h"
#include "tests/shared.h"

namespace {

using blip::Caption;
using tensor::Tensor;

const std::filesystem::path kFolder = "reference/golden/captioner";

class GenerateGolden : public testing::Test {
 protected:
  void SetUp() override {
    if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  }

  static const blip::Captioner& captioner() {
    static const blip::Captioner loaded = blip::Captioner::load(shared::path(kFolder / "model"));
    return loaded;
  }
  static const base::Json& entries() {
    static const base::Json json = base::read_json(shared::path(kFolder / "generate.json"));
    return json;
  }

  /// The image encoder's output for each golden picture.
  static const std::vector<Tensor>& encoded() {
    static const std::vector<Tensor> all = [] {
      const Tensor bytes =
          tensor::read_safetensors(shared::path(kFolder / "outputs.safetensors")).at("resized_u8");
      const int64_t size = bytes.dim(1) * bytes.dim(2) * 3;
      std::vector<Tensor> features;
      for (int64_t i = 0; i < bytes.dim(0); ++i) {
        const uint8_t* pixels = bytes.data<uint8_t>() + i * size;
        const data::Image image{static_cast<int>(bytes.dim(2)), static_cast<int>(bytes.dim(1)),
                                std::vector<uint8_t>(pixels, pixels + size)};
        features.push_back(captioner().encode(captioner().image_processor()(image)));
      }
      return features;
    }();
    return all;
  }
  static Tensor encoded(const std::vector<std::size_t>& pictures) {
    const Tensor& first = encoded().front();
    Tensor together = Tensor::empty({std::ssize(pictures), first.dim(1), first.dim(2)});
    float* to = together.data<float>();
    for (const std::size_t picture : pictures) {
      const std::span<const float> one = encoded().at(picture).span<float>();
      to = std::copy(one.begin(), one.end(), to);
    }
    return together;
  }

  /// An entry's pictures; a name begins with the picture's number.
  static std::vector<std::size_t> pictures(const base::Json& entry) {
    std::vector<std::size_t> numbers;
    for (const base::Json& name : entry.at("images")) {
      numbers.push_back(std::stoul(name.get<std::string>()));
    }
    return numbers;
  }
  static std::vector<int64_t> prompt(const base::Json& entry) {
    const base::Json& text = entry.at("prompt");
    return captioner().prompt_ids(text.is_null() ? std::string() : text.get<std::string>());
  }
  static nn::GenerationOptions options(const base::Json& entry) {
    nn::GenerationOptions result = generation_options(entry.at("settings"));
    result.eos_token_id = captioner().generation_options().eos_token_id;
    return result;
  }
};

/// What transformers returns goes on with padding after the first [SEP].
std::vector<int64_t> through_first(const std::vector<int64_t>& ids, int64_t end) {
  const auto at = std::find(ids.begin(), ids.end(), end);
  return {ids.begin(), at == ids.end() ? at : at + 1};
}

void expect_same(const std::vector<Caption>& a, const std::vector<Caption>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].token_ids, b[i].token_ids);
    EXPECT_EQ(a[i].token_logprobs, b[i].token_logprobs);
    EXPECT_EQ(a[i].score, b[i].score);
    EXPECT_EQ(a[i].text, b[i].text);
  }
}

TEST_F(GenerateGolden, EveryEntryAgreesWithTransformers) {
  ASSERT_GT(entries().size(), 10u);
  for (const base::Json& entry : entries()) {
    SCOPED_TRACE(entry.at("name").get<std::string>());
    const std::vector<std::size_t> numbers = pictures(entry);
    const nn::GenerationOptions settings = options(entry);
    const auto found = captioner().generate(encoded(numbers),
                                            std::vector(numbers.size(), prompt(entry)), settings);
    std::vector<Caption> rows;  // a picture's sequences one after the other, as in the file
    for (const std::vector<Caption>& captions : found) {
      rows.insert(rows.end(), captions.begin(), captions.end());
    }
    ASSERT_EQ(rows.size(), entry.at("sequences").size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Caption& caption = rows[i];
      const auto ids = through_first(entry.at("sequences")[i].get<std::vector<int64_t>>(),
                                     settings.eos_token_id);
      ASSERT_EQ(caption.token_ids, ids) << "sequence " << i;
      EXPECT_EQ(caption.text, entry.at("captions")[i].get<std::string>());
      EXPECT_EQ(caption.finished, ids.back() == settings.eos_token_id);
      EXPECT_EQ(caption.prompt_length, std::ssize(prompt(entry)));
      ASSERT_EQ(std::ssize(caption.token_logprobs), std::ssize(ids) - caption.prompt_length);
      if (settings.num_beams > 1) {
        EXPECT_NEAR(caption.score, entry.at("sequences_scores")[i].get<double>(), 1e-3);
        continue;
      }
      const auto logprobs = entry.at("token_logprobs")[i].get<std::vector<float>>();
      ASSERT_GE(logprobs.size(), caption.token_logprobs.size());
      for (std::size_t t = 0; t < caption.token_logprobs.size(); ++t) {
        EXPECT_NEAR(caption.token_logprobs[t], logprobs[t], 1e-3) << "sequence " << i;
      }
    }
  }
}

TEST_F(GenerateGolden, BatchEqualsOneAtATimeBitwise) {
  for (const base::Json& entry : entries()) {
    SCOPED_TRACE(entry.at("name").get<std::string>());
    const std::vector<std::size_t> numbers = pictures(entry);
    const std::vector<std::vector<int64_t>> prompts(numbers.size(), prompt(entry));
    const auto together = captioner().generate(encoded(numbers), prompts, options(entry));
    for (std::size_t p = 0; p < numbers.size(); ++p) {
      const auto alone = captioner().generate(encoded({numbers[p]}),
                                              std::span(prompts).subspan(p, 1), options(entry));
      expect_same(together[p], alone.front());
    }
  }
}

TEST_F(GenerateGolden, PromptsOfDifferentLengthsChangeNothing) {
  const std::vector<std::vector<int64_t>> prompts{
      captioner().prompt_ids(""), captioner().prompt_ids("a photo of"),
      captioner().prompt_ids("a photo of a very light blue"), captioner().prompt_ids("a")};
  for (const int64_t num_beams : {1, 3}) {
    for (const bool do_sample : {false, true}) {
      nn::GenerationOptions settings = captioner().generation_options();
      settings.num_beams = num_beams;
      settings.do_sample = do_sample;
      settings.no_repeat_ngram_size = 3;
      const auto together = captioner().generate(encoded({0, 1, 2, 3}), prompts, settings);
      for (std::size_t p = 0; p < prompts.size(); ++p) {
        const std::vector<uint64_t> stream{p};
        const auto alone =
            captioner().generate(encoded({p}), std::span(prompts).subspan(p, 1), settings, stream);
        expect_same(together[p], alone.front());
        EXPECT_EQ(together[p].front().prompt_length, std::ssize(prompts[p]));
      }
    }
  }
}

}  // namespace
