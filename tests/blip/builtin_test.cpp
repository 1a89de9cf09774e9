// The built-in model and the bundled pictures against what transformers says of them
// (make_builtin_fixture.py): the way from file to caption, with nothing but the clone.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/parallel.h"
#include "blip/captioner.h"

namespace {

using tensor::Tensor;

const std::filesystem::path kSource = BLIP_SOURCE_DIR;

const blip::Captioner& captioner() {
  static const blip::Captioner loaded =
      blip::Captioner::load(kSource / "weights/blip-clothing-tiny");
  return loaded;
}

const base::Json& answers() {
  static const base::Json json = base::read_json(kSource / "tests/blip/fixtures/builtin.json");
  return json;
}

data::Image sample(const base::Json& answer) {
  return data::read_image(kSource / "weights/samples" / answer["picture"].get<std::string>());
}

std::string fnv1a(const std::vector<uint8_t>& bytes) {
  uint64_t value = 0xCBF29CE484222325;
  for (const uint8_t byte : bytes) value = (value ^ byte) * 0x100000001B3;
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

using Ids = std::vector<int64_t>;

blip::Caption best(const Tensor& image_embeds, const Ids& prompt, int64_t beams) {
  nn::GenerationOptions options = captioner().generation_options();
  options.num_beams = beams;
  return captioner().generate(image_embeds, std::span(&prompt, 1), options).front().front();
}

TEST(Builtin, HasAnswers) {
  EXPECT_GE(answers().size(), 4u);
}

TEST(Builtin, ResizesAsPillow) {
  for (const base::Json& answer : answers()) {
    EXPECT_EQ(fnv1a(captioner().image_processor().resize(sample(answer)).pixels),
              answer["resized_fnv1a"].string())
        << answer["picture"];
  }
}

TEST(Builtin, EncodesAsTransformers) {
  for (const base::Json& answer : answers()) {
    const Tensor hidden = captioner().encode(captioner().image_processor()(sample(answer)));
    const int64_t tokens = hidden.dim(1), channels = hidden.dim(2);
    const int64_t rows[] = {0, 1, tokens - 1};
    for (std::size_t r = 0; r < 3; ++r) {
      for (std::size_t c = 0; c < 4; ++c) {
        EXPECT_NEAR(hidden.data<float>()[rows[r] * channels + static_cast<int64_t>(c)],
                    answer["last_hidden_state"][r][c].get<double>(), 2e-4)
            << answer["picture"];
      }
    }
  }
}

TEST(Builtin, CaptionsAsTransformers) {
  for (const base::Json& answer : answers()) {
    SCOPED_TRACE(answer["picture"].get<std::string>());
    const Tensor embeds = captioner().encode(captioner().image_processor()(sample(answer)));
    const blip::Caption greedy = best(embeds, captioner().prompt_ids(""), 1);
    EXPECT_EQ(greedy.token_ids, answer["greedy_ids"].get<Ids>());
    EXPECT_EQ(greedy.text, answer["caption"].get<std::string>());
    const auto logprobs = answer["greedy_token_logprobs"].get<std::vector<double>>();
    ASSERT_EQ(greedy.token_logprobs.size(), logprobs.size());
    for (std::size_t i = 0; i < logprobs.size(); ++i) {
      EXPECT_NEAR(greedy.token_logprobs[i], logprobs[i], 1e-3) << i;
    }
    const blip::Caption beam = best(embeds, captioner().prompt_ids(""), 3);
    EXPECT_EQ(beam.token_ids, answer["beam_ids"].get<Ids>());
    EXPECT_NEAR(beam.score, answer["beam_score"].get<double>(), 1e-3);
    EXPECT_EQ(best(embeds, captioner().prompt_ids("a photo of"), 1).token_ids,
              answer["prompted_ids"].get<Ids>());
  }
}

/// A batch of pictures with prompts of different lengths, by beams and by sampling, on 1, 2 and 7
/// threads: everything bitwise as each picture alone.
TEST(Builtin, BatchesAndThreadsChangeNothing) {
  const std::vector<std::string> texts{"", "a photo of", "a", "pink"};
  std::vector<Ids> prompts;
  Tensor batch = Tensor::empty({4, 3, 128, 128});
  for (std::size_t i = 0; i < texts.size(); ++i) {
    prompts.push_back(captioner().prompt_ids(texts[i]));
    const Tensor one = captioner().image_processor()(sample(answers()[i]));
    std::copy_n(one.data<float>(), one.elements(),
                batch.data<float>() + static_cast<int64_t>(i) * one.elements());
  }
  for (const bool sampled : {false, true}) {
    nn::GenerationOptions options = captioner().generation_options();
    options.num_beams = sampled ? 1 : 4;
    options.num_return_sequences = sampled ? 3 : 4;
    options.do_sample = sampled;
    options.seed = 7;
    for (const int threads : {1, 2, 7}) {
      base::set_num_threads(threads);
      const auto together = captioner().generate(captioner().encode(batch), prompts, options);
      for (std::size_t i = 0; i < prompts.size(); ++i) {
        const uint64_t stream = i;
        const auto row = static_cast<int64_t>(i);
        const auto alone =
            captioner().generate(captioner().encode(batch.slice(row, row + 1)),
                                 std::span(&prompts[i], 1), options, std::span(&stream, 1));
        ASSERT_EQ(alone.front().size(), together[i].size());
        for (std::size_t k = 0; k < together[i].size(); ++k) {
          EXPECT_EQ(alone.front()[k].token_ids, together[i][k].token_ids);
          EXPECT_EQ(alone.front()[k].token_logprobs, together[i][k].token_logprobs);
          EXPECT_EQ(alone.front()[k].score, together[i][k].score);
        }
      }
    }
    base::set_num_threads(0);
  }
}

TEST(Builtin, APromptThatLeavesNoPositionIsRefused) {
  std::string prompt;
  for (int i = 0; i < 64; ++i) prompt += "blue ";
  try {
    captioner().prompt_ids(prompt);
    FAIL() << "no error";
  } catch (const base::UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "the prompt has 65 tokens with [DEC], the model has 64 positions, and one must be "
                 "left for the caption");
  }
}

}  // namespace
