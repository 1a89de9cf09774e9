#include "tensor/attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "base/parallel.h"
#include "tests/attention_rows.h"
#include "tests/each_isa.h"
#include "tests/reference/twins.h"

namespace {

using attention_rows::all_of;
using attention_rows::numbers;
using attention_rows::same_bits;
using tensor::AttentionShape;
using tensor::HeadRows;
using tensor::Tensor;

class Attention : public each_isa::Test {};
INSTANTIATE_TEST_SUITE_P(Isa, Attention, each_isa::kAll, each_isa::name);

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Tensor attend(const HeadRows& q, const HeadRows& k, const HeadRows& v, const AttentionShape& shape,
              Tensor* probabilities = nullptr) {
  Tensor out = Tensor::empty({shape.sequences, shape.queries, shape.heads * shape.head_dim}), none;
  std::fill_n(out.data<float>(), out.elements(), kNaN);
  if (probabilities) {
    *probabilities = Tensor::empty({shape.sequences, shape.heads, shape.queries, shape.keys});
    std::fill_n(probabilities->data<float>(), probabilities->elements(), kNaN);
  }
  tensor::attention_forward(out, probabilities ? *probabilities : none, none, q, k, v, shape);
  return out;
}

void fill_rows(Tensor& tensor, int64_t sequence, int64_t begin, int64_t end, float value) {
  const int64_t channels = tensor.dim(2);
  float* rows = tensor.data<float>() + sequence * tensor.dim(1) * channels;
  std::fill(rows + begin * channels, rows + end * channels, value);
}

struct Case {
  int64_t sequences, queries, keys, heads, head_dim;
  bool causal = false;
};

void expect_twin(const Case& c, const AttentionShape& extra = {}) {
  const Tensor q = reference::random({c.sequences, c.queries, c.heads * c.head_dim}, 1),
               k = reference::random({c.sequences, c.keys, c.heads * c.head_dim}, 2),
               v = reference::random({c.sequences, c.keys, c.heads * c.head_dim}, 3);
  AttentionShape shape = extra;
  shape.sequences = c.sequences;
  shape.queries = c.queries;
  shape.keys = c.keys;
  shape.heads = c.heads;
  shape.head_dim = c.head_dim;
  shape.scale = 1 / std::sqrt(static_cast<float>(c.head_dim));
  shape.causal = c.causal;
  SCOPED_TRACE(base::str(c.sequences, " sequences, ", c.queries, " queries, ", c.keys, " keys, ",
                         c.heads, " heads of ", c.head_dim, c.causal ? ", causal" : ""));
  Tensor probabilities;
  const Tensor out = attend(all_of(q), all_of(k), all_of(v), shape, &probabilities);
  const reference::Attention twin = reference::attention(all_of(q), all_of(k), all_of(v), shape);
  EXPECT_LT(reference::max_difference(out, twin.out), 1e-5);
  EXPECT_LT(reference::max_difference(probabilities, twin.probabilities), 1e-6);
  EXPECT_TRUE(same_bits(out, attend(all_of(q), all_of(k), all_of(v), shape)))
      << "the output depends on whether probabilities are wanted";
}

TEST_P(Attention, EqualsItsTwin) {
  for (const int64_t keys : {1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 64, 97, 577}) {
    expect_twin({.sequences = 2, .queries = 1, .keys = keys, .heads = 3, .head_dim = 16});
    expect_twin({.sequences = 1, .queries = 5, .keys = keys, .heads = 2, .head_dim = 64});
  }
  for (int64_t queries = 1; queries <= 30; ++queries) {
    expect_twin({.sequences = 2, .queries = queries, .keys = 19, .heads = 2, .head_dim = 8});
    expect_twin({.sequences = 2,
                 .queries = queries,
                 .keys = queries,
                 .heads = 1,
                 .head_dim = 32,
                 .causal = true});
  }
  for (const int64_t head_dim : {1, 3, 15, 16, 17, 24, 31, 33, 64, 80}) {
    expect_twin({.sequences = 1, .queries = 3, .keys = 37, .heads = 3, .head_dim = head_dim});
    expect_twin({.sequences = 1,
                 .queries = 37,
                 .keys = 37,
                 .heads = 3,
                 .head_dim = head_dim,
                 .causal = true});
  }
  expect_twin({.sequences = 1, .queries = 577, .keys = 577, .heads = 2, .head_dim = 64});
}

TEST_P(Attention, EqualsItsTwinWithLengthsStartsAndSharedKeys) {
  const Tensor lengths = numbers({9, 0, 40, 33}), starts = numbers({0, 3, 39, 7}),
               shared = numbers({2, 0, 2, 2});
  for (const bool causal : {false, true}) {
    for (const int64_t queries : {1, 4, 21}) {
      const Case c{.sequences = 4,
                   .queries = queries,
                   .keys = 40,
                   .heads = 2,
                   .head_dim = 64,
                   .causal = causal};
      expect_twin(c, {.key_lengths = lengths});
      expect_twin(c, {.query_start = starts});
      expect_twin(c, {.key_sequence = shared});
      expect_twin(c, {.key_lengths = lengths, .query_start = starts, .key_sequence = shared});
    }
  }
}

TEST_P(Attention, ReadsAFusedProjection) {
  // q, k and v beside each other in one row, as a fused qkv projection writes them.
  const int64_t rows = 45, heads = 3, head_dim = 16, width = heads * head_dim;
  const Tensor fused = reference::random({2, rows, 3 * width}, 4);
  const auto part = [&](int64_t index) {
    return HeadRows{.tensor = fused,
                    .offset = index * width,
                    .row_stride = 3 * width,
                    .sequence_stride = rows * 3 * width};
  };
  const AttentionShape shape{.sequences = 2,
                             .queries = rows,
                             .keys = rows,
                             .heads = heads,
                             .head_dim = head_dim,
                             .scale = 0.25f};
  const Tensor out = attend(part(0), part(1), part(2), shape);
  EXPECT_LT(
      reference::max_difference(out, reference::attention(part(0), part(1), part(2), shape).out),
      1e-5);
}

TEST_P(Attention, ProbabilitiesSumToOne) {
  const Tensor x = reference::random({1, 577, 64}, 5, 3);
  Tensor probabilities;
  attend(all_of(x), all_of(x), all_of(x),
         {.sequences = 1, .queries = 577, .keys = 577, .heads = 1, .head_dim = 64, .scale = 0.125f},
         &probabilities);
  for (int64_t r = 0; r < 577; ++r) {
    const float* row = probabilities.data<float>() + r * 577;
    EXPECT_NEAR(std::accumulate(row, row + 577, 0.0), 1, 1e-5) << r;
  }
}

TEST_P(Attention, LargeScoresDoNotOverflow) {
  const Tensor q = Tensor::from<float>({1, 1, 4}, {1e4f, 0, 0, 0}),
               k = Tensor::from<float>({1, 3, 4}, {1e4f, 0, 0, 0, 9e3f, 0, 0, 0, -1e4f, 0, 0, 0}),
               v = Tensor::from<float>({1, 3, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const Tensor out = attend(all_of(q), all_of(k), all_of(v),
                            {.sequences = 1, .queries = 1, .keys = 3, .heads = 1, .head_dim = 4});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(out.data<float>()[i], static_cast<float>(i + 1));
}

TEST_P(Attention, AQueryWithoutKeysGivesZeros) {
  const Tensor x = reference::random({2, 3, 8}, 6);
  const Tensor lengths = numbers({0, 2});
  Tensor probabilities;
  const Tensor out = attend(
      all_of(x), all_of(x), all_of(x),
      {.sequences = 2, .queries = 3, .keys = 3, .heads = 2, .head_dim = 4, .key_lengths = lengths},
      &probabilities);
  for (int64_t i = 0; i < 24; ++i) EXPECT_EQ(out.data<float>()[i], 0) << i;
  for (int64_t i = 0; i < 18; ++i) EXPECT_EQ(probabilities.data<float>()[i], 0) << i;
  EXPECT_NE(out.data<float>()[24], 0);
}

TEST_P(Attention, WhatIsNotVisibleIsNotRead) {
  // NaN wherever a query must not look: beyond the lengths, and, for each query by itself, after
  // it.
  const int64_t capacity = 50, channels = 128;
  const std::vector<int32_t> lengths{17, 32, 50};
  const Tensor q = reference::random({3, 20, channels}, 7),
               k = reference::random({3, capacity, channels}, 8),
               v = reference::random({3, capacity, channels}, 9);
  Tensor dirty_k = reference::random(k.shape(), 8), dirty_v = reference::random(v.shape(), 9);
  for (int64_t s = 0; s < 3; ++s) {
    fill_rows(dirty_k, s, lengths[static_cast<std::size_t>(s)], capacity, kNaN);
    fill_rows(dirty_v, s, lengths[static_cast<std::size_t>(s)], capacity, kNaN);
  }
  const AttentionShape shape{.sequences = 3,
                             .queries = 20,
                             .keys = capacity,
                             .heads = 2,
                             .head_dim = 64,
                             .scale = 0.125f,
                             .key_lengths = numbers(lengths)};
  EXPECT_TRUE(same_bits(attend(all_of(q), all_of(k), all_of(v), shape),
                        attend(all_of(q), all_of(dirty_k), all_of(dirty_v), shape)));

  AttentionShape causal = shape;
  causal.causal = true;
  causal.key_lengths = {};
  const Tensor clean = attend(all_of(q), all_of(k), all_of(v), causal);
  for (const int64_t first_dirty : {1, 5, 13, 14, 19}) {
    Tensor late_k = reference::random(k.shape(), 8), late_v = reference::random(v.shape(), 9);
    for (int64_t s = 0; s < 3; ++s) {
      fill_rows(late_k, s, first_dirty, capacity, kNaN);
      fill_rows(late_v, s, first_dirty, capacity, kNaN);
    }
    const Tensor out = attend(all_of(q), all_of(late_k), all_of(late_v), causal);
    for (int64_t s = 0; s < 3; ++s) {
      const int64_t start = s * 20 * channels;
      EXPECT_TRUE(
          same_bits(out.data<float>() + start, clean.data<float>() + start, first_dirty * channels))
          << "sequence " << s << ", NaN from key " << first_dirty;
    }
  }
}

TEST_P(Attention, RowsBeyondTheLengthNeedNotExist) {
  // The address sanitizer sees a read past the 17 rows there are.
  const Tensor x = reference::random({1, 17, 1024}, 19);
  const Tensor lengths = numbers({17});
  AttentionShape shape{
      .sequences = 1, .queries = 17, .keys = 17, .heads = 16, .head_dim = 64, .scale = 0.125f};
  const Tensor exact = attend(all_of(x), all_of(x), all_of(x), shape);
  shape.keys = 512;
  shape.key_lengths = lengths;
  EXPECT_TRUE(same_bits(exact, attend(all_of(x), all_of(x), all_of(x), shape)));
}

TEST_P(Attention, CachedEqualsUncached) {
  // The full causal pass, and one query at a time against a growing cache, in one bit pattern;
  // with whole registers of columns (64) and without (24).
  for (const int64_t head_dim : {24, 64}) {
    const int64_t length = 41, capacity = 60, heads = 2, channels = heads * head_dim;
    const Tensor q = reference::random({1, length, channels}, 10),
                 k = reference::random({1, length, channels}, 11),
                 v = reference::random({1, length, channels}, 12);
    const Tensor full = attend(all_of(q), all_of(k), all_of(v),
                               {.sequences = 1,
                                .queries = length,
                                .keys = length,
                                .heads = heads,
                                .head_dim = head_dim,
                                .scale = 0.2f,
                                .causal = true});
    Tensor cache_k = Tensor::empty({1, capacity, channels}),
           cache_v = Tensor::empty({1, capacity, channels});
    fill_rows(cache_k, 0, 0, capacity, kNaN);
    fill_rows(cache_v, 0, 0, capacity, kNaN);
    for (int64_t t = 0; t < length; ++t) {
      std::copy_n(k.data<float>() + t * channels, channels, cache_k.data<float>() + t * channels);
      std::copy_n(v.data<float>() + t * channels, channels, cache_v.data<float>() + t * channels);
      const Tensor start = numbers({static_cast<int32_t>(t)}),
                   lengths = numbers({static_cast<int32_t>(t + 1)});
      const HeadRows query{
          .tensor = q, .offset = t * channels, .row_stride = channels, .sequence_stride = 0};
      const Tensor one = attend(query, all_of(cache_k), all_of(cache_v),
                                {.sequences = 1,
                                 .queries = 1,
                                 .keys = capacity,
                                 .heads = heads,
                                 .head_dim = head_dim,
                                 .scale = 0.2f,
                                 .causal = true,
                                 .key_lengths = lengths,
                                 .query_start = start});
      EXPECT_TRUE(same_bits(one.data<float>(), full.data<float>() + t * channels, channels))
          << "query " << t << ", heads of " << head_dim;
    }
  }
}

TEST_P(Attention, ASequenceDoesNotDependOnTheBatchAroundIt) {
  // Five beams over three pictures' keys, against each beam by itself with its keys alone.
  const int64_t keys = 70, channels = 128;
  const std::vector<int32_t> shared{2, 0, 2, 2, 0}, lengths{33, 1, 70};
  for (const int64_t queries : {1, 3, 40}) {
    const Tensor q = reference::random({5, queries, channels}, 13),
                 k = reference::random({3, keys, channels}, 14),
                 v = reference::random({3, keys, channels}, 15);
    const AttentionShape batch{.sequences = 5,
                               .queries = queries,
                               .keys = keys,
                               .heads = 2,
                               .head_dim = 64,
                               .scale = 0.125f,
                               .key_lengths = numbers(lengths),
                               .key_sequence = numbers(shared)};
    const Tensor together = attend(all_of(q), all_of(k), all_of(v), batch);
    for (int64_t s = 0; s < 5; ++s) {
      const int64_t picture = shared[static_cast<std::size_t>(s)];
      AttentionShape single = batch;
      single.sequences = 1;
      single.keys = lengths[static_cast<std::size_t>(picture)];
      single.key_lengths = single.key_sequence = {};
      HeadRows one_q = all_of(q), one_k = all_of(k), one_v = all_of(v);
      one_q.offset = s * one_q.sequence_stride;
      one_k.offset = picture * one_k.sequence_stride;
      one_v.offset = picture * one_v.sequence_stride;
      const Tensor alone = attend(one_q, one_k, one_v, single);
      EXPECT_TRUE(same_bits(alone.data<float>(), together.data<float>() + s * queries * channels,
                            queries * channels))
          << "sequence " << s << ", " << queries << " queries";
    }
  }
}

TEST_P(Attention, DoesNotDependOnTheNumberOfThreads) {
  const Tensor x = reference::random({2, 130, 192}, 16);
  const AttentionShape shape{.sequences = 2,
                             .queries = 130,
                             .keys = 130,
                             .heads = 3,
                             .head_dim = 64,
                             .scale = 0.125f,
                             .causal = true};
  const int before = base::num_threads();
  base::set_num_threads(1);
  const Tensor one = attend(all_of(x), all_of(x), all_of(x), shape);
  for (const int threads : {2, 7}) {
    base::set_num_threads(threads);
    EXPECT_TRUE(same_bits(one, attend(all_of(x), all_of(x), all_of(x), shape))) << threads;
  }
  base::set_num_threads(before);
}

TEST_P(Attention, NaNIsNotHidden) {
  Tensor k = reference::random({1, 40, 16}, 17);
  const Tensor x = reference::random({1, 40, 16}, 18);
  k.data<float>()[20 * 16] = kNaN;
  const Tensor out =
      attend(all_of(x), all_of(k), all_of(x),
             {.sequences = 1, .queries = 40, .keys = 40, .heads = 1, .head_dim = 16});
  for (const float value : out.span<float>()) EXPECT_TRUE(std::isnan(value));
}

/// The message of a call that must fail.
template <class Error>
std::string error_of(const HeadRows& q, const HeadRows& kv, const AttentionShape& shape) {
  try {
    attend(q, kv, kv, shape);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(AttentionErrors, SayWhatWasFoundAndExpected) {
  const Tensor x = Tensor::zeros({2, 3, 8});
  const AttentionShape good{.sequences = 2, .queries = 3, .keys = 3, .heads = 2, .head_dim = 4};
  using base::ShapeError;
  using base::UsageError;

  AttentionShape bad = good;
  bad.keys = 4;
  EXPECT_EQ(error_of<ShapeError>(all_of(x), all_of(x), bad),
            "attention_forward: k is [2, 3, 8], but 2 sequences of 4 rows end at element 56");
  bad = good;
  bad.heads = 0;
  EXPECT_EQ(error_of<ShapeError>(all_of(x), all_of(x), bad),
            "attention_forward: 2 sequences, 3 queries, 3 keys, 0 heads of 4");
  const Tensor one = numbers({1}), five = numbers({5, 0}), minus = numbers({0, -1});
  bad = good;
  bad.key_lengths = one;
  EXPECT_EQ(error_of<ShapeError>(all_of(x), all_of(x), bad),
            "attention_forward: 1 sequences of keys for 2 of queries, and no key_sequence");
  bad.key_lengths = five;
  EXPECT_EQ(error_of<UsageError>(all_of(x), all_of(x), bad),
            "attention_forward: key_lengths holds 5, expected 0 to 3");
  bad = good;
  bad.key_sequence = minus;
  EXPECT_EQ(error_of<UsageError>(all_of(x), all_of(x), bad),
            "attention_forward: key_sequence holds -1, expected 0 to 0");
  bad.key_sequence = five;
  EXPECT_EQ(error_of<ShapeError>(all_of(x), all_of(x), bad),
            "attention_forward: k is [2, 3, 8], but 6 sequences of 3 rows end at element 144");
}

}  // namespace
