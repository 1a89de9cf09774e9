// What the gradients of attention must not depend on, bit by bit, and its errors.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel.h"
#include "tests/attention_gradients.h"
#include "tests/each_isa.h"

namespace {

using attention_gradients::dout_of;
using attention_gradients::Gradients;
using attention_gradients::Inputs;
using attention_gradients::kNaN;
using attention_gradients::ragged_inputs;
using attention_gradients::random_inputs;
using attention_gradients::stored;
using attention_rows::all_of;
using attention_rows::numbers;
using attention_rows::same_bits;
using tensor::AttentionShape;
using tensor::HeadRows;
using tensor::Tensor;

class AttentionGradients : public each_isa::Test {};
INSTANTIATE_TEST_SUITE_P(Isa, AttentionGradients, each_isa::kAll, each_isa::name);

TEST_P(AttentionGradients, DoesNotDependOnTheNumberOfThreads) {
  const int before = base::num_threads();
  for (const bool ragged : {false, true}) {
    const Inputs x = ragged ? ragged_inputs(true, true)
                            : random_inputs({.sequences = 2,
                                             .queries = 130,
                                             .keys = 130,
                                             .heads = 3,
                                             .head_dim = 64,
                                             .causal = true});
    base::set_num_threads(1);
    const Gradients one = stored(x);
    for (const int threads : {2, 3, 7}) {
      base::set_num_threads(threads);
      EXPECT_TRUE(same_bits(one, stored(x))) << threads << " threads, ragged " << ragged;
    }
  }
  base::set_num_threads(before);
}

TEST_P(AttentionGradients, ASequenceDoesNotDependOnTheBatchAroundIt) {
  // Ragged text over the keys of pictures, against each picture alone with the texts that share it,
  // each text in a block of its own length.
  const int64_t width = 2 * 24, keys = 70;
  const std::vector<int32_t> rows{13, 1, 40, 90}, shared{1, 0, 1, 1};
  const Tensor offsets = tensor::row_offsets(rows);
  Inputs x{.q = all_of(reference::random({144, width}, 6)),
           .k = all_of(reference::random({2, keys, width}, 7)),
           .v = all_of(reference::random({2, keys, width}, 8)),
           .shape = {.sequences = 4,
                     .queries = 90,
                     .keys = keys,
                     .heads = 2,
                     .head_dim = 24,
                     .scale = 0.2f,
                     .key_sequences = 2,
                     .query_offsets = offsets,
                     .key_sequence = numbers(shared)}};
  const Tensor dout = dout_of(x.shape);
  const Gradients together = stored(x, dout);
  for (int64_t picture = 0; picture < 2; ++picture) {
    std::vector<int32_t> own_rows;
    std::vector<float> queries, own_dout, expected;
    for (std::size_t s = 0; s < rows.size(); ++s) {
      if (shared[s] != picture) continue;
      own_rows.push_back(rows[s]);
      const auto take = [&](std::vector<float>& to, const Tensor& from) {
        const float* begin = from.data<float>() + offsets.data<int32_t>()[s] * width;
        to.insert(to.end(), begin, begin + rows[s] * width);
      };
      take(queries, x.q.tensor);
      take(own_dout, dout);
      take(expected, together.q);
    }
    const auto texts = static_cast<int64_t>(own_rows.size());
    const tensor::Shape block{static_cast<int64_t>(queries.size()) / width, width};
    Inputs alone = x;
    alone.q = all_of(Tensor::from(block, queries));
    alone.k.offset = alone.v.offset = picture * keys * width;
    alone.shape.sequences = texts;
    alone.shape.key_sequences = 1;
    alone.shape.query_offsets = tensor::row_offsets(own_rows);
    alone.shape.key_sequence = numbers(std::vector<int32_t>(own_rows.size(), 0));
    const Gradients single = stored(alone, Tensor::from(block, own_dout));
    EXPECT_TRUE(same_bits(single.q, Tensor::from(block, expected))) << picture;
    EXPECT_TRUE(
        same_bits(single.k.slice(picture, picture + 1), together.k.slice(picture, picture + 1)));
    EXPECT_TRUE(
        same_bits(single.v.slice(picture, picture + 1), together.v.slice(picture, picture + 1)));
  }
}

void fill_rows(const HeadRows& rows, int64_t begin, int64_t end, float value) {
  Tensor tensor = rows.tensor;
  std::fill(tensor.data<float>() + begin * rows.row_stride,
            tensor.data<float>() + end * rows.row_stride, value);
}

TEST_P(AttentionGradients, WhatIsNotVisibleIsNotRead) {
  for (const float dirt : {kNaN, std::numeric_limits<float>::infinity()}) {
    Inputs x = random_inputs({.sequences = 1,
                              .queries = 20,
                              .keys = 50,
                              .heads = 2,
                              .head_dim = 24,
                              .key_lengths = numbers({17})});
    const Gradients clean = stored(x);
    fill_rows(x.k, 17, 50, dirt);
    fill_rows(x.v, 17, 50, dirt);
    EXPECT_TRUE(same_bits(clean, stored(x)));
    for (int64_t i = 17 * 48; i < 50 * 48; ++i) EXPECT_EQ(clean.k.data<float>()[i], 0);
  }
}

TEST_P(AttentionGradients, PairsThatAreNotVisibleDoNotTouchEachOther) {
  const AttentionShape shape{
      .sequences = 1, .queries = 130, .keys = 130, .heads = 1, .head_dim = 64, .causal = true};
  const Gradients clean = stored(random_inputs(shape));
  for (const int64_t at : {1, 13, 40, 127}) {
    Inputs late = random_inputs(shape);
    fill_rows(late.k, at, 130, kNaN);
    fill_rows(late.v, at, 130, kNaN);
    EXPECT_TRUE(same_bits(stored(late).q.data<float>(), clean.q.data<float>(), at * 64)) << at;

    Inputs early = random_inputs(shape);
    fill_rows(early.q, 0, at, kNaN);
    Tensor dout = dout_of(shape);
    fill_rows(all_of(dout), 0, at, kNaN);
    const Gradients found = stored(early, dout);
    const int64_t rest = (130 - at) * 64;
    for (const auto& [a, b] :
         {std::pair{found.k, clean.k}, std::pair{found.v, clean.v}, std::pair{found.q, clean.q}}) {
      EXPECT_TRUE(same_bits(a.data<float>() + at * 64, b.data<float>() + at * 64, rest)) << at;
    }
  }
}

TEST_P(AttentionGradients, AQueryWithoutKeysGetsZeros) {
  Inputs x = random_inputs({.sequences = 2,
                            .queries = 3,
                            .keys = 3,
                            .heads = 2,
                            .head_dim = 4,
                            .key_lengths = numbers({0, 2})});
  fill_rows(x.q, 0, 3, kNaN);
  const Gradients found = stored(x);
  for (int64_t i = 0; i < 24; ++i) {
    EXPECT_EQ(found.q.data<float>()[i], 0) << i;
    EXPECT_EQ(found.k.data<float>()[i], 0) << i;
    EXPECT_EQ(found.v.data<float>()[i], 0) << i;
  }
  EXPECT_NE(found.q.data<float>()[24], 0);
}

TEST_P(AttentionGradients, NaNIsNotHidden) {
  Inputs x = random_inputs({.sequences = 1, .queries = 40, .keys = 40, .heads = 1, .head_dim = 16});
  fill_rows(x.k, 20, 21, kNaN);
  const Gradients found = stored(x);
  for (const Tensor& gradient : {found.q, found.k, found.v}) {
    for (const float value : gradient.span<float>()) EXPECT_TRUE(std::isnan(value));
  }
}

/// The message of a call that must fail.
std::string error_of(const Inputs& x) {
  try {
    stored(x);
  } catch (const base::Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(AttentionBackwardErrors, SayWhatWasFoundAndExpected) {
  const Inputs good = random_inputs({.sequences = 2,
                                     .queries = 3,
                                     .keys = 4,
                                     .heads = 2,
                                     .head_dim = 4,
                                     .key_sequences = 2,
                                     .key_sequence = numbers({0, 0})});
  EXPECT_EQ(error_of(good), "no error");
  Inputs bad = good;
  bad.shape.key_sequences = 0;
  EXPECT_EQ(error_of(bad),
            "attention_backward: key_sequences is 0, expected their number, because key_sequence "
            "need not name them all");
  // Rows beyond a length need not exist for reading, but have gradients.
  bad = good;
  bad.shape.keys = 6;
  bad.shape.key_lengths = numbers({1, 1});
  EXPECT_EQ(error_of(bad),
            "attention_backward: dk is [2, 4, 8], but 2 sequences of 6 rows end at element 80");
}

}  // namespace
