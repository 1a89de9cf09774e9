#include "nn/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>

#include "base/json.h"
#include "base/parallel.h"
#include "tests/errors.h"
#include "tests/generation_options.h"
#include "tests/nn/toy_decoders.h"

namespace {

using nn::GeneratedSequence;
using nn::GenerationOptions;
using testing::HasSubstr;

constexpr int64_t kEos = HashDecoder::kEos;

/// What transformers' generate answered; see make_search_fixture.py.
struct Case {
  std::string name;
  HashDecoder::Model model;
  GenerationOptions options;
  Prompts prompts;
  std::vector<base::Json> expected;  // of each prompt
};

std::vector<Case> transformers_cases() {
  const base::Json fixture =
      base::read_json(std::filesystem::path(BLIP_SOURCE_DIR) / "tests/nn/fixtures/search.json");
  std::vector<Case> cases;
  for (const base::Json& entry : fixture.at("cases")) {
    Case& one = cases.emplace_back();
    one.name = entry.at("model").dump() + entry.at("settings").dump();
    one.model = {.vocab_size = entry.at("model").at("vocab_size").get<int64_t>(),
                 .seed = entry.at("model").at("seed").get<uint32_t>(),
                 .eos_bonus = entry.at("model").at("eos_bonus").get<float>()};
    one.options = generation_options(entry.at("settings"));
    one.options.eos_token_id = kEos;
    for (const base::Json& prompt : entry.at("prompts")) {
      one.prompts.push_back(prompt.at("prompt").get<std::vector<int64_t>>());
      one.expected.push_back(prompt.at("sequences"));
    }
  }
  return cases;
}

void expect_equal(const std::vector<GeneratedSequence>& found, const base::Json& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const GeneratedSequence& sequence = found[i];
    ASSERT_EQ(sequence.ids, expected[i].at("ids").get<std::vector<int64_t>>());
    EXPECT_EQ(sequence.finished, sequence.ids.back() == kEos);
    EXPECT_THAT(sequence.token_logprobs,
                testing::Pointwise(testing::FloatNear(1e-5f),
                                   expected[i].at("token_logprobs").get<std::vector<float>>()));
    double sum = 0;
    for (const float logprob : sequence.token_logprobs) sum += double{logprob};
    EXPECT_NEAR(sequence.score,
                expected[i].contains("score") ? expected[i].at("score").get<double>() : sum, 1e-4);
  }
}

TEST(Search, FindsTheTokensAndScoresOfTransformers) {
  const std::vector<Case> cases = transformers_cases();
  ASSERT_GT(cases.size(), 100u);
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const Results found = decode(one.model, one.prompts, one.options);
    ASSERT_EQ(found.size(), one.prompts.size());
    for (std::size_t p = 0; p < found.size(); ++p) {
      expect_equal(found[p], one.expected[p]);
      for (const GeneratedSequence& sequence : found[p]) {
        EXPECT_EQ(sequence.prompt_length, std::ssize(one.prompts[p]));
      }
    }
  }
}

TEST(Search, BatchEqualsOneAtATimeBitwise) {
  for (const Case& one : transformers_cases()) {
    SCOPED_TRACE(one.name);
    const Results together = decode(one.model, one.prompts, one.options);
    for (std::size_t p = 0; p < one.prompts.size(); ++p) {
      expect_same(together[p], decode(one.model, {one.prompts[p]}, one.options).front());
    }
  }
}

TEST(Search, ThreadsChangeNothing) {
  const Prompts prompts{{1}, {1, 3}, {1, 5, 6}, {1, 7}};
  GenerationOptions options;
  options.eos_token_id = kEos;
  options.num_beams = options.num_return_sequences = 3;
  const int before = base::num_threads();
  base::set_num_threads(1);
  const Results one = decode({}, prompts, options);
  base::set_num_threads(7);
  const Results seven = decode({}, prompts, options);
  base::set_num_threads(before);
  for (std::size_t p = 0; p < prompts.size(); ++p) expect_same(one[p], seven[p]);
}

TEST(Search, RowsThatEndedAreNotDecodedFurther) {
  HashDecoder decoder({.seed = 5, .eos_bonus = 3});
  GenerationOptions options;
  options.eos_token_id = kEos;
  Prompts prompts;
  for (int64_t id = 3; id < 19; ++id) prompts.push_back({1, id});
  const Results results = nn::generate(decoder, prompts, options);
  // Step t is asked for the rows that have more than t tokens to come.
  std::vector<int64_t> expected;
  for (std::size_t t = 1;; ++t) {
    int64_t rows = 0;
    for (const auto& sequences : results) rows += sequences.front().token_logprobs.size() > t;
    if (rows == 0) break;
    expected.push_back(rows);
  }
  ASSERT_GT(expected.size(), 1u);
  EXPECT_LT(expected.back(), expected.front());
  EXPECT_EQ(decoder.rows_of_steps, expected);
}

TEST(Search, EndsAtTheLastPositionOfTheModel) {
  for (const int64_t num_beams : {1, 3}) {
    HashDecoder decoder({.seed = 1, .eos_bonus = -100}, 6);
    GenerationOptions options;
    options.eos_token_id = kEos;
    options.num_beams = num_beams;
    const Results results = nn::generate(decoder, Prompts{{1}, {1, 4, 5, 6, 7}}, options);
    for (const auto& sequences : results) {
      EXPECT_EQ(sequences.front().ids.size(), 6u);
      EXPECT_FALSE(sequences.front().finished);
    }
  }
}

TEST(Search, NoPromptsGiveNoSequences) {
  EXPECT_TRUE(decode({}, {}, {}).empty());
}

TEST(Search, EmbeddingsInFrontDoAsTokensDo) {
  const tensor::Tensor prefix = tensor::Tensor::from<float>({2, 2, 1}, {1, 7, 1, 9});
  for (const int64_t num_beams : {1, 3}) {
    GenerationOptions options;
    options.eos_token_id = kEos;
    options.num_beams = num_beams;
    const Results tokens = decode({}, {{1, 7, 3}, {1, 9}}, options);
    Results mixed = decode({}, {{3}, {}}, options, {}, prefix);
    for (std::size_t p = 0; p < 2; ++p) {
      GeneratedSequence& sequence = mixed[p].front();
      EXPECT_EQ(sequence.prompt_length, p == 0 ? 1 : 0);
      // They are no part of the sequence.
      sequence.ids.insert(sequence.ids.begin(), {1, p == 0 ? 7 : 9});
      sequence.prompt_length += 2;
      expect_same(mixed[p], tokens[p]);
    }
  }
  // Nor do options look at them: nothing is repeated yet.
  GenerationOptions options{.max_new_tokens = 1};
  options.repetition_penalty = 1e9;
  options.eos_token_id = kEos;
  const Results penalized = decode({}, {{}, {}}, options, {}, prefix);
  options.repetition_penalty = 1;
  expect_same(penalized[0], decode({}, {{}, {}}, options, {}, prefix)[0]);
}

TEST(Search, EqualScoresGoToTheLowestToken) {
  for (const int64_t num_beams : {1, 2}) {
    ScriptedDecoder decoder([](int64_t, int64_t) { return std::vector<float>{1, 1, 1, -9}; });
    GenerationOptions options{.max_new_tokens = 3, .num_beams = num_beams};
    options.num_return_sequences = num_beams;
    options.eos_token_id = 3;
    const Results results = nn::generate(decoder, Prompts{{1}}, options);
    EXPECT_EQ(results[0][0].ids, (std::vector<int64_t>{1, 0, 0, 0}));
    if (num_beams == 2) {
      EXPECT_EQ(results[0][1].ids, (std::vector<int64_t>{1, 0, 0, 1}));
    }
  }
}

TEST(SearchErrors, OptionsThatMakeNoSense) {
  const auto refused = [](const std::function<void(GenerationOptions&)>& change) {
    GenerationOptions options;
    change(options);
    return error_of<base::UsageError>([&] { nn::validate(options); });
  };
  EXPECT_EQ(refused([](auto&) {}), "no error");
  EXPECT_EQ(refused([](auto& o) { o.num_beams = 0; }),
            "generate: num_beams is 0, expected at least 1");
  EXPECT_EQ(refused([](auto& o) { o.num_beams = 2, o.num_return_sequences = 3; }),
            "generate: num_return_sequences is 3, expected at most num_beams, 2");
  EXPECT_EQ(
      refused([](auto& o) { o.num_beams = 2, o.num_return_sequences = 3, o.do_sample = true; }),
      "generate: num_return_sequences is 3, expected at most num_beams, 2");
  EXPECT_EQ(refused([](auto& o) { o.num_return_sequences = 3, o.do_sample = true; }), "no error");
  EXPECT_THAT(refused([](auto& o) { o.do_sample = true, o.temperature = 0; }),
              HasSubstr("temperature is 0"));
  EXPECT_THAT(refused([](auto& o) { o.do_sample = true, o.temperature = NAN; }),
              HasSubstr("temperature is nan"));
  EXPECT_THAT(refused([](auto& o) { o.do_sample = true, o.top_p = 0; }), HasSubstr("top_p is 0"));
  EXPECT_THAT(refused([](auto& o) { o.do_sample = true, o.top_p = 1.5; }),
              HasSubstr("top_p is 1.5"));
  EXPECT_THAT(refused([](auto& o) { o.do_sample = true, o.top_k = -1; }), HasSubstr("top_k is -1"));
  EXPECT_EQ(refused([](auto& o) { o.temperature = 0, o.top_p = 0, o.top_k = -1; }), "no error")
      << "only sampling reads them";
  EXPECT_THAT(refused([](auto& o) { o.max_new_tokens = 0; }), HasSubstr("max_new_tokens is 0"));
  EXPECT_EQ(refused([](auto& o) { o.min_new_tokens = 21; }),
            "generate: min_new_tokens is 21, expected at most max_new_tokens, 20");
  EXPECT_THAT(refused([](auto& o) { o.min_new_tokens = -1; }), HasSubstr("min_new_tokens is -1"));
  EXPECT_THAT(refused([](auto& o) { o.repetition_penalty = 0; }),
              HasSubstr("repetition_penalty is 0"));
  EXPECT_THAT(refused([](auto& o) { o.no_repeat_ngram_size = -2; }),
              HasSubstr("no_repeat_ngram_size is -2"));
  EXPECT_THAT(refused([](auto& o) { o.length_penalty = INFINITY; }),
              HasSubstr("length_penalty is inf"));
  EXPECT_THAT(refused([](auto& o) { o.num_return_sequences = 0; }),
              HasSubstr("num_return_sequences is 0"));
  EXPECT_THAT(refused([](auto& o) {
                o.bad_words_ids = {{4}, {}};
              }),
              HasSubstr("a word of bad_words_ids is empty"));
  EXPECT_THAT(refused([](auto& o) { o.bad_words_ids = {{-4}}; }),
              HasSubstr("a token of bad_words_ids is -4"));
}

TEST(SearchErrors, PromptsAndStreamsThatDoNotFit) {
  const auto refused = [](const Prompts& prompts, const std::vector<uint64_t>& streams) {
    HashDecoder decoder({}, 4);
    return error_of<base::UsageError>([&] { nn::generate(decoder, prompts, {}, streams); });
  };
  EXPECT_EQ(refused({{1}, {}}, {}), "generate: prompt 1 is empty");
  EXPECT_EQ(
      refused({{1, 1, 1, 1}}, {}),
      "generate: prompt 0 has 4 tokens, the decoder has 4 positions, and a new token needs one");
  EXPECT_EQ(refused({{1}}, {1, 2}), "generate: 2 streams for 1 prompts");
  EXPECT_EQ(refused({{1, -1}}, {}), "generate: prompt 0 holds -1, which is no token");
  const auto refused_prefix = [](const Prompts& prompts, const tensor::Shape& shape) {
    HashDecoder decoder({}, 4);
    return error_of<base::Error>(
        [&] { nn::generate(decoder, prompts, {}, {}, tensor::Tensor::zeros(shape)); });
  };
  EXPECT_EQ(refused_prefix({{}}, {1, 0, 1}), "generate: prompt 0 is empty");
  EXPECT_EQ(refused_prefix({{1}, {}}, {1, 2, 1}),
            "generate: prefix is [1, 2, 1], expected [2, any, C] for as many prompts");
  EXPECT_EQ(
      refused_prefix({{1}}, {1, 3, 1}),
      "generate: prompt 0 has 4 embeddings and tokens, the decoder has 4 positions, and a new "
      "token needs one");
}

TEST(SearchErrors, LogitsThatAreNoNumbersNameStepAndPrompt) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const int64_t num_beams : {1, 2}) {
    GenerationOptions options{.max_new_tokens = 5, .num_beams = num_beams};
    options.eos_token_id = 3;
    const auto refused = [&](float broken) {
      ScriptedDecoder decoder([&](int64_t step, int64_t row) {
        const bool here = step == 2 && row == num_beams;  // the first row of prompt 1
        return std::vector<float>{0, here ? broken : 0, 1, -9};
      });
      return error_of<base::Error>([&] { nn::generate(decoder, Prompts{{0}, {1}}, options); });
    };
    EXPECT_EQ(refused(kNan),
              "generate: step 2, prompt 1: the logit of token 1 is nan, expected a number");
    EXPECT_EQ(refused(INFINITY),
              "generate: step 2, prompt 1: the logit of token 1 is inf, expected a number");
    EXPECT_EQ(refused(-INFINITY), "no error");
  }
}

TEST(SearchErrors, OptionsThatBanEverything) {
  for (const bool do_sample : {false, true}) {
    GenerationOptions options{.max_new_tokens = 5, .min_new_tokens = 5};
    options.eos_token_id = 3;
    options.do_sample = do_sample;
    options.no_repeat_ngram_size = 1;
    const auto refused = [&] {
      ScriptedDecoder decoder([](int64_t, int64_t) { return std::vector<float>{0, 1, 2, 3}; });
      return error_of<base::UsageError>([&] { nn::generate(decoder, Prompts{{0}}, options); });
    };
    EXPECT_EQ(refused(), "generate: step 2, prompt 0: the options ban every token");
    options.num_beams = 2;
    EXPECT_EQ(refused(),
              "generate: prompt 0: the options allow 0 sequences, num_return_sequences is 1");
  }
}

TEST(SearchErrors, LogitsOfAnotherShape) {
  ScriptedDecoder decoder([](int64_t step, int64_t) {
    return std::vector<float>(static_cast<std::size_t>(4 + step), 0.f);
  });
  EXPECT_THAT(error_of<base::ShapeError>([&] { nn::generate(decoder, Prompts{{0}}, {}); }),
              HasSubstr("generate: logits is [1, 5], expected [1, 4]"));
}

}  // namespace
