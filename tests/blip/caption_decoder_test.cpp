// The text decoder with its memory, against passes over whole rows.
#include "blip/caption_decoder.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tensor/copy.h"   // gather_rows_forward
#include "tensor/index.h"  // indices
#include "tests/blip/tiny_text_decoder.h"

namespace {

using blip::CaptionDecoder;
using blip::Var;
using tensor::Tensor;

using Rows = std::vector<std::vector<int64_t>>;

class CaptionDecoderTest : public testing::Test, protected TinyTextDecoder {
 protected:
  /// The logits of whole rows, none of them remembered; row r is of picture pictures[r].
  Tensor logits(const Rows& rows, const std::vector<int32_t>& of_row) {
    Tensor own = Tensor::empty({std::ssize(of_row), 5, 6});
    tensor::gather_rows_forward(own, pictures, tensor::indices("pictures", of_row, 3));
    return CaptionDecoder(model, Var(own), 1).prefill(rows, {});
  }
};

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
}

TEST_F(CaptionDecoderTest, RowsChangePlacesAndLengthsAndStayWhatTheyAre) {
  CaptionDecoder decoder(model, Var(pictures), 12);
  Rows rows{{1, 5}, {1, 9, 4, 3}, {1}};
  std::vector<int32_t> of_row{0, 1, 2};
  EXPECT_TRUE(same_bits(decoder.prefill(rows, {}), logits(rows, of_row)));
  // Beams fan out, change places, end; those of longer rows come to stand where shorter ones were.
  const std::vector<std::vector<int32_t>> steps{
      {0, 0, 0, 1, 1, 1, 2, 2, 2}, {2, 0, 2, 5, 5, 4, 6, 8, 7}, {3, 4, 5, 6, 7, 7},
      {5, 3, 4, 0, 2, 0},          {0, 1, 2, 3, 4, 5},          {5, 4, 3, 2},
      {1, 1, 1, 1, 0, 3, 2}};
  base::Random random(3);
  for (const std::vector<int32_t>& parents : steps) {
    Rows next;
    std::vector<int32_t> pictures_next;
    std::vector<int64_t> ids;
    for (const int32_t parent : parents) {
      ids.push_back(static_cast<int64_t>(random.below(20)));
      next.push_back(rows[static_cast<std::size_t>(parent)]);
      next.back().push_back(ids.back());
      pictures_next.push_back(of_row[static_cast<std::size_t>(parent)]);
    }
    rows = next;
    of_row = pictures_next;
    EXPECT_TRUE(same_bits(decoder.step(ids, parents), logits(rows, of_row)))
        << "at " << rows.front().size() << " tokens";
  }
}

TEST_F(CaptionDecoderTest, EmbeddingsOfAPromptDoAsItsTokens) {
  const Rows prompts{{1, 5, 7}, {1, 9, 4}, {1, 3, 3}};
  const auto embeddings = [&](std::size_t count) {  // of the first tokens
    std::vector<int32_t> ids;
    for (const auto& prompt : prompts)
      ids.insert(ids.end(), prompt.begin(), prompt.begin() + count);
    const Tensor words =
        model.bert.embeddings.word_embeddings(tensor::indices("ids", ids, 20)).value;
    return words.reshape({3, static_cast<int64_t>(count), 8});
  };
  for (const int64_t num_beams : {1, 3}) {
    nn::GenerationOptions options{.max_new_tokens = 6, .num_beams = num_beams};
    options.eos_token_id = 2;
    const auto generated = [&](const Rows& tokens, const Tensor& prefix) {
      CaptionDecoder decoder(model, Var(pictures), options.max_new_tokens);
      return nn::generate(decoder, tokens, options, {}, prefix);
    };
    const auto expected = generated(prompts, {});
    const auto mixed = generated({{7}, {4}, {3}}, embeddings(2));
    const auto alone = generated({{}, {}, {}}, embeddings(3));
    for (std::size_t p = 0; p < 3; ++p) {
      const nn::GeneratedSequence &whole = expected[p].front(), &tail = mixed[p].front(),
                                  &none = alone[p].front();
      EXPECT_EQ(tail.ids, std::vector(whole.ids.begin() + 2, whole.ids.end()));
      EXPECT_EQ(none.ids, std::vector(whole.ids.begin() + 3, whole.ids.end()));
      EXPECT_EQ(tail.token_logprobs, whole.token_logprobs);
      EXPECT_EQ(none.token_logprobs, whole.token_logprobs);
      EXPECT_EQ(none.score, whole.score);
    }
  }
}

TEST_F(CaptionDecoderTest, RefusesWhatDoesNotFit) {
  CaptionDecoder decoder(model, Var(pictures), 1);
  EXPECT_THROW(decoder.prefill(Rows{{1}, {1}}, {}), base::UsageError);
  EXPECT_THROW(decoder.prefill(Rows{{1}, {1}, {}}, {}), base::UsageError);
  EXPECT_THROW(decoder.prefill(Rows{{1}, {1}, {1}}, Tensor::zeros({3, 2, 6})), base::ShapeError);
  decoder.prefill(Rows{{1}, {1}, {1}}, {});
  const std::vector<int64_t> ids{3};
  EXPECT_THROW(decoder.step(ids, std::vector<int32_t>{3}), base::UsageError);
  decoder.step(ids, std::vector<int32_t>{2});
  EXPECT_THROW(decoder.step(ids, std::vector<int32_t>{0}), base::UsageError);
}

}  // namespace
