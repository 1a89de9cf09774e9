#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/parallel.h"
#include "tensor/attention.h"
#include "tensor/index.h"
#include "tests/attention_rows.h"
#include "tests/each_isa.h"
#include "tests/reference.h"

namespace {

using attention_rows::all_of;
using attention_rows::filled;
using attention_rows::numbers;
using attention_rows::same_bits;
using tensor::AttentionShape;
using tensor::HeadGradient;
using tensor::HeadRows;
using tensor::Tensor;

class AttentionBackward : public each_isa::Test {};
INSTANTIATE_TEST_SUITE_P(Isa, AttentionBackward, each_isa::kAll, each_isa::name);

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// What goes into a backward pass; dout is made from a seed.
struct Inputs {
  HeadRows q, k, v;
  AttentionShape shape;
};

struct Gradients {
  Tensor q, k, v;
};

Tensor dout_of(const AttentionShape& shape) {
  const int64_t width = shape.heads * shape.head_dim, b = shape.sequences;
  if (!shape.query_offsets.defined()) return reference::random({b, shape.queries, width}, 77);
  return reference::random({shape.query_offsets.data<int32_t>()[b], width}, 77);
}

HeadGradient like(const HeadRows& rows, const Tensor& sum, bool add) {
  return {.gradient = {.sum = sum, .add = add},
          .offset = rows.offset,
          .row_stride = rows.row_stride,
          .sequence_stride = rows.sequence_stride};
}

/// Forward, then backward into (or, with `add`, onto) `gradients`; those undefined are not wanted.
void differentiate(const Gradients& gradients, bool add, const Inputs& x, const Tensor& dout) {
  Tensor out = Tensor::empty(dout.shape()), none;
  Tensor logsumexp = filled({x.shape.sequences, x.shape.heads, x.shape.queries}, kNaN);
  tensor::attention_forward(out, none, logsumexp, x.q, x.k, x.v, x.shape);
  tensor::attention_backward(like(x.q, gradients.q, add), like(x.k, gradients.k, add),
                             like(x.v, gradients.v, add), dout, out, logsumexp, x.q, x.k, x.v,
                             x.shape);
}

Gradients stored(const Inputs& x, const Tensor& dout) {
  const Gradients gradients{.q = filled(x.q.tensor.shape(), kNaN),
                            .k = filled(x.k.tensor.shape(), kNaN),
                            .v = filled(x.v.tensor.shape(), kNaN)};
  differentiate(gradients, false, x, dout);
  return gradients;
}
Gradients stored(const Inputs& x) {
  return stored(x, dout_of(x.shape));
}

bool same_bits(const Gradients& a, const Gradients& b) {
  return same_bits(a.q, b.q) && same_bits(a.k, b.k) && same_bits(a.v, b.v);
}

/// Which elements of a gradient belong to rows that the shape describes.
std::vector<bool> described(const HeadRows& rows, const Tensor& offsets, int64_t sequences,
                            int64_t count, const AttentionShape& shape) {
  std::vector<bool> result(static_cast<std::size_t>(rows.tensor.elements()));
  const reference::AttentionPlaces places{shape};
  for (int64_t s = 0; s < sequences; ++s) {
    for (int64_t t = 0; t < reference::AttentionPlaces::rows(offsets, s, count); ++t) {
      const int64_t begin = places.element(rows, offsets, s, t, 0);
      for (int64_t c = 0; c < shape.heads * shape.head_dim; ++c) {
        result[static_cast<std::size_t>(begin + c)] = true;
      }
    }
  }
  return result;
}

/// A stored gradient against its twin, and one added to random numbers; elsewhere nothing changes.
void expect_gradient(const char* name, const Tensor& found, const Tensor& added,
                     const std::vector<double>& twin, const std::vector<bool>& set) {
  double largest = 1;
  for (const double value : twin) largest = std::max(largest, std::abs(value));
  const Tensor before = reference::random(found.shape(), 99);
  for (std::size_t i = 0; i < twin.size(); ++i) {
    const float value = found.span<float>()[i], sum = added.span<float>()[i];
    const double start = before.span<float>()[i];
    ASSERT_EQ(std::isnan(value), !set[i]) << name << " " << i;
    if (set[i]) {
      ASSERT_NEAR(value, twin[i], 1e-5 * largest) << name << " " << i;
      ASSERT_NEAR(sum, start + value, 3e-7 * (std::abs(start) + std::abs(value))) << name << i;
    } else {
      ASSERT_EQ(sum, start) << name << " " << i;
    }
  }
}

void expect_twin(const Inputs& x) {
  const AttentionShape& shape = x.shape;
  SCOPED_TRACE(base::str(
      shape.sequences, " sequences, ", shape.queries, " queries, ", shape.keys, " keys, ",
      shape.heads, " heads of ", shape.head_dim, shape.causal ? ", causal" : "",
      shape.key_lengths.defined() ? ", lengths" : "", shape.query_start.defined() ? ", starts" : "",
      shape.key_sequence.defined() ? ", shared" : ""));
  const Tensor dout = dout_of(shape);
  const Gradients all = stored(x, dout);
  const Gradients sums{.q = reference::random(all.q.shape(), 99),
                       .k = reference::random(all.k.shape(), 99),
                       .v = reference::random(all.v.shape(), 99)};
  differentiate(sums, true, x, dout);
  const reference::AttentionInputs twin = reference::attention_backward(
      reference::AttentionInputs::doubles(dout), x.q, x.k, x.v, shape);
  const int64_t keys = tensor::count_key_sequences(shape);
  expect_gradient("dq", all.q, sums.q, twin.q,
                  described(x.q, shape.query_offsets, shape.sequences, shape.queries, shape));
  expect_gradient("dk", all.k, sums.k, twin.k,
                  described(x.k, shape.key_offsets, keys, shape.keys, shape));
  expect_gradient("dv", all.v, sums.v, twin.v,
                  described(x.v, shape.key_offsets, keys, shape.keys, shape));
  // What is frozen changes nothing of the rest.
  for (int wanted = 0; wanted < 7; ++wanted) {
    Gradients some;
    if (wanted & 1) some.q = filled(all.q.shape(), kNaN);
    if (wanted & 2) some.k = filled(all.k.shape(), kNaN);
    if (wanted & 4) some.v = filled(all.v.shape(), kNaN);
    differentiate(some, false, x, dout);
    EXPECT_TRUE(!(wanted & 1) || same_bits(some.q, all.q)) << wanted;
    EXPECT_TRUE(!(wanted & 2) || same_bits(some.k, all.k)) << wanted;
    EXPECT_TRUE(!(wanted & 4) || same_bits(some.v, all.v)) << wanted;
  }
}

/// [sequences, rows, channels] each, of random numbers.
Inputs random_inputs(AttentionShape shape) {
  const int64_t width = shape.heads * shape.head_dim, keys = tensor::count_key_sequences(shape);
  shape.scale = 1 / std::sqrt(static_cast<float>(shape.head_dim));
  return {.q = all_of(reference::random({shape.sequences, shape.queries, width}, 1)),
          .k = all_of(reference::random({keys, shape.keys, width}, 2)),
          .v = all_of(reference::random({keys, shape.keys, width}, 3)),
          .shape = shape};
}

TEST_P(AttentionBackward, EqualsItsTwin) {
  for (const int64_t head_dim : {1, 3, 16, 33, 64}) {
    for (const int64_t heads : {1, 3}) {
      for (const bool causal : {false, true}) {
        for (const int64_t rows : {1, 5, 19, 33}) {
          expect_twin(random_inputs({.sequences = 2,
                                     .queries = rows,
                                     .keys = causal ? rows : 37,
                                     .heads = heads,
                                     .head_dim = head_dim,
                                     .causal = causal}));
        }
      }
    }
  }
  for (const int64_t keys : {1, 7, 8, 15, 16, 17, 31, 32, 33, 64, 97}) {
    expect_twin(
        random_inputs({.sequences = 1, .queries = 14, .keys = keys, .heads = 2, .head_dim = 16}));
  }
  for (const int64_t queries : {107, 108, 109, 112, 113, 240}) {
    expect_twin(random_inputs({.sequences = 1,
                               .queries = queries,
                               .keys = queries,
                               .heads = 1,
                               .head_dim = 32,
                               .causal = queries % 2 == 1}));
  }
}

TEST_P(AttentionBackward, EqualsItsTwinAtThePictureEncodersSize) {
  expect_twin(
      random_inputs({.sequences = 1, .queries = 577, .keys = 577, .heads = 1, .head_dim = 64}));
}

TEST_P(AttentionBackward, EqualsItsTwinWithLengthsStartsAndSharedKeys) {
  const Tensor lengths = numbers({9, 0, 40, 33, 7}), starts = numbers({0, 3, 39, 7}),
               shared = numbers({2, 0, 2, 2});
  for (const bool causal : {false, true}) {
    for (const int64_t queries : {1, 4, 21}) {
      const AttentionShape shape{.sequences = 4,
                                 .queries = queries,
                                 .keys = 40,
                                 .heads = 2,
                                 .head_dim = 24,
                                 .causal = causal,
                                 .key_sequences = 5};
      for (const bool with_lengths : {false, true}) {
        for (const bool with_starts : {false, true}) {
          for (const bool with_shared : {false, true}) {
            AttentionShape some = shape;
            if (with_lengths) some.key_lengths = lengths;
            if (with_starts) some.query_start = starts;
            if (with_shared) some.key_sequence = shared;
            expect_twin(random_inputs(some));
          }
        }
      }
    }
  }
}

/// Ragged rows of one block [23, 3 * width] of queries, one [55, 3 * width] of keys and values.
Inputs ragged_inputs(bool causal, bool shared, int64_t heads = 2, int64_t head_dim = 20) {
  const int64_t width = heads * head_dim;
  const std::vector<int32_t> query_rows{5, 0, 17, 1}, key_rows{33, 4, 0, 18};
  const Tensor queries = reference::random({23, 3 * width}, 4),
               keys = reference::random({55, 3 * width}, 5);
  const auto part = [&](const Tensor& rows, int64_t index) {
    return HeadRows{.tensor = rows, .offset = index * width, .row_stride = 3 * width};
  };
  Inputs x{.q = part(queries, 0), .k = part(keys, 1), .v = part(keys, 2), .shape = {}};
  x.shape = {.sequences = 4,
             .queries = 17,
             .keys = 33,
             .heads = heads,
             .head_dim = head_dim,
             .scale = 0.3f,
             .causal = causal,
             .query_offsets = tensor::row_offsets(query_rows),
             .key_offsets = tensor::row_offsets(key_rows),
             .key_lengths = numbers({20, 4, 0, 17})};
  if (shared) x.shape.key_sequence = numbers({3, 0, 3, 2});
  return x;
}

TEST_P(AttentionBackward, EqualsItsTwinWithRaggedRows) {
  for (const bool causal : {false, true}) {
    for (const bool shared : {false, true}) expect_twin(ragged_inputs(causal, shared));
  }
}

TEST_P(AttentionBackward, AFusedProjectionGetsOneGradient) {
  const int64_t rows = 45, heads = 3, head_dim = 16, width = heads * head_dim;
  const Tensor fused = reference::random({2, rows, 3 * width}, 4);
  const auto part = [&](int64_t index) {
    return HeadRows{.tensor = fused,
                    .offset = index * width,
                    .row_stride = 3 * width,
                    .sequence_stride = rows * 3 * width};
  };
  const Inputs x{.q = part(0),
                 .k = part(1),
                 .v = part(2),
                 .shape = {.sequences = 2,
                           .queries = rows,
                           .keys = rows,
                           .heads = heads,
                           .head_dim = head_dim,
                           .scale = 0.25f}};
  expect_twin(x);
  const Tensor gradient = filled(fused.shape(), kNaN), dout = dout_of(x.shape);
  differentiate({gradient, gradient, gradient}, false, x, dout);
  const reference::AttentionInputs twin = reference::attention_backward(
      reference::AttentionInputs::doubles(dout), x.q, x.k, x.v, x.shape);
  std::vector<double> sum = twin.q;
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += twin.k[i] + twin.v[i];
  EXPECT_LT(reference::max_difference(gradient, sum), 1e-5);
}

TEST_P(AttentionBackward, DoesNotDependOnTheNumberOfThreads) {
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

TEST_P(AttentionBackward, ASequenceDoesNotDependOnTheBatchAroundIt) {
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

TEST_P(AttentionBackward, WhatIsNotVisibleIsNotRead) {
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

TEST_P(AttentionBackward, PairsThatAreNotVisibleDoNotTouchEachOther) {
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

TEST_P(AttentionBackward, AQueryWithoutKeysGetsZeros) {
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

TEST_P(AttentionBackward, NaNIsNotHidden) {
  Inputs x = random_inputs({.sequences = 1, .queries = 40, .keys = 40, .heads = 1, .head_dim = 16});
  fill_rows(x.k, 20, 21, kNaN);
  const Gradients found = stored(x);
  for (const Tensor& gradient : {found.q, found.k, found.v}) {
    for (const float value : gradient.span<float>()) EXPECT_TRUE(std::isnan(value));
  }
}

/// sum of dout * out, as double arithmetic has it.
double loss(const reference::AttentionInputs& inputs, const std::vector<double>& dout,
            const Inputs& x) {
  const std::vector<double> out = reference::attention(inputs, x.q, x.k, x.v, x.shape).out;
  double sum = 0;
  for (std::size_t i = 0; i < out.size(); ++i) sum += dout[i] * out[i];
  return sum;
}

TEST(AttentionBackwardTwin, IsTheSlopeOfTheForwardTwin) {
  const Tensor lengths = numbers({2, 4, 0}), starts = numbers({1, 0, 2}),
               shared = numbers({1, 0, 1});
  AttentionShape plain{.sequences = 3, .queries = 3, .keys = 4, .heads = 2, .head_dim = 3};
  AttentionShape full = plain;
  full.causal = true;
  full.key_sequences = 3;
  full.key_lengths = lengths;
  full.query_start = starts;
  full.key_sequence = shared;
  for (const Inputs& x :
       {random_inputs(plain), random_inputs(full), ragged_inputs(true, true, 1, 2)}) {
    using Part = std::vector<double> reference::AttentionInputs::*;
    using reference::AttentionInputs;
    const std::vector<double> dout = AttentionInputs::doubles(dout_of(x.shape));
    const AttentionInputs twin = reference::attention_backward(dout, x.q, x.k, x.v, x.shape);
    AttentionInputs inputs{AttentionInputs::doubles(x.q.tensor),
                           AttentionInputs::doubles(x.k.tensor),
                           AttentionInputs::doubles(x.v.tensor)};
    for (const Part part : {&AttentionInputs::q, &AttentionInputs::k, &AttentionInputs::v}) {
      for (std::size_t i = 0; i < (inputs.*part).size(); ++i) {
        double& element = (inputs.*part)[i];
        const double before = element, h = 1e-5;
        element = before + h;
        const double above = loss(inputs, dout, x);
        element = before - h;
        const double below = loss(inputs, dout, x);
        element = before;
        EXPECT_NEAR((twin.*part)[i], (above - below) / (2 * h), 1e-7) << i;
      }
    }
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
