// The gradients of attention against their twins.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tensor/attention.h"
#include "tests/attention_gradients.h"
#include "tests/each_isa.h"
#include "tests/reference/twins.h"

namespace {

using attention_gradients::differentiate;
using attention_gradients::dout_of;
using attention_gradients::Gradients;
using attention_gradients::Inputs;
using attention_gradients::kNaN;
using attention_gradients::ragged_inputs;
using attention_gradients::random_inputs;
using attention_gradients::stored;
using attention_rows::filled;
using attention_rows::numbers;
using attention_rows::same_bits;
using tensor::AttentionShape;
using tensor::HeadRows;
using tensor::Tensor;

class AttentionBackward : public each_isa::Test {};
INSTANTIATE_TEST_SUITE_P(Isa, AttentionBackward, each_isa::kAll, each_isa::name);

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

}  // namespace
