// Rows of sequences of different length in one block, rows that a table finds, and the logsumexp.
#include <gtest/gtest.h>

#include <cmath>

#include "tensor/attention.h"
#include "tensor/copy.h"  // gather_rows_forward
#include "tensor/index.h"
#include "tests/attention_rows.h"
#include "tests/each_isa.h"
#include "tests/reference/twins.h"

namespace {

using attention_rows::all_of;
using attention_rows::filled;
using attention_rows::numbers;
using attention_rows::same_bits;
using tensor::AttentionShape;
using tensor::HeadRows;
using tensor::Tensor;

class RaggedAttention : public each_isa::Test {};
INSTANTIATE_TEST_SUITE_P(Isa, RaggedAttention, each_isa::kAll, each_isa::name);

constexpr float kUnset = 1234.5f;

struct Results {
  Tensor out, probabilities, logsumexp;
};

Results attend(const HeadRows& q, const HeadRows& k, const HeadRows& v,
               const AttentionShape& shape) {
  const int64_t width = shape.heads * shape.head_dim, b = shape.sequences;
  Results results{.out = shape.query_offsets.defined()
                             ? filled({shape.query_offsets.data<int32_t>()[b], width}, kUnset)
                             : filled({b, shape.queries, width}, kUnset),
                  .probabilities = filled({b, shape.heads, shape.queries, shape.keys}, kUnset),
                  .logsumexp = filled({b, shape.heads, shape.queries}, kUnset)};
  tensor::attention_forward(results.out, results.probabilities, results.logsumexp, q, k, v, shape);
  return results;
}

/// Against the twin; what belongs to no row must not have been touched.
void expect_twin(const HeadRows& q, const HeadRows& k, const HeadRows& v,
                 const AttentionShape& shape) {
  const Results results = attend(q, k, v, shape);
  reference::Attention twin = reference::attention(q, k, v, shape);
  EXPECT_LT(reference::max_difference(results.out, twin.out), 1e-5);
  const reference::AttentionPlaces places{shape};
  for (int64_t i = 0; i < results.logsumexp.elements(); ++i) {
    const float found = results.logsumexp.data<float>()[i];
    const double expected = twin.logsumexp[static_cast<std::size_t>(i)];
    const int64_t s = i / (shape.heads * shape.queries);
    const bool row = i % shape.queries < places.queries(s);
    if (!row || std::isinf(expected)) {
      EXPECT_EQ(found, row ? -INFINITY : kUnset) << i;
    } else {
      EXPECT_NEAR(found, expected, 2e-6 * std::max(1.0, std::abs(expected))) << i;
    }
    for (int64_t j = 0; j < shape.keys; ++j) {
      const float p = results.probabilities.data<float>()[i * shape.keys + j];
      const double exact = twin.probabilities[static_cast<std::size_t>(i * shape.keys + j)];
      EXPECT_NEAR(p, row ? exact : kUnset, 1e-6) << i << ", key " << j;
    }
  }
}

TEST_P(RaggedAttention, EqualsItsTwin) {
  const int64_t heads = 2;
  const std::vector<int32_t> query_rows{5, 0, 17, 1}, key_rows{33, 4, 0, 18};
  const Tensor starts = numbers({0, 2, 1, 7}), lengths = numbers({20, 4, 0, 17}),
               shared = numbers({3, 0, 3, 2});
  for (const int64_t head_dim : {3, 32}) {
    const Tensor q = reference::random({23, heads * head_dim}, 1),
                 k = reference::random({55, heads * head_dim}, 2),
                 v = reference::random({55, heads * head_dim}, 3);
    AttentionShape shape{.sequences = 4,
                         .queries = 17,
                         .keys = 33,
                         .heads = heads,
                         .head_dim = head_dim,
                         .scale = 0.3f,
                         .query_offsets = tensor::row_offsets(query_rows),
                         .key_offsets = tensor::row_offsets(key_rows)};
    for (const bool causal : {false, true}) {
      shape.causal = causal;
      shape.key_lengths = shape.query_start = shape.key_sequence = {};
      expect_twin(all_of(q), all_of(k), all_of(v), shape);
      shape.query_start = starts;
      expect_twin(all_of(q), all_of(k), all_of(v), shape);
      shape.key_lengths = lengths;
      expect_twin(all_of(q), all_of(k), all_of(v), shape);
      shape.key_sequence = shared;
      expect_twin(all_of(q), all_of(k), all_of(v), shape);
    }
  }
}

TEST_P(RaggedAttention, ASequenceIsAsByItself) {
  // Causal attention of ragged text to itself, against each text alone, bit by bit.
  const int64_t width = 2 * 24;
  const std::vector<int32_t> lengths{13, 1, 40, 6};
  const Tensor x = reference::random({60, 3 * width}, 4);
  const auto part = [&](int64_t index, int64_t first) {
    return HeadRows{
        .tensor = x, .offset = first * 3 * width + index * width, .row_stride = 3 * width};
  };
  AttentionShape shape{.sequences = 4,
                       .queries = 40,
                       .keys = 40,
                       .heads = 2,
                       .head_dim = 24,
                       .scale = 0.2f,
                       .causal = true,
                       .query_offsets = tensor::row_offsets(lengths),
                       .key_offsets = tensor::row_offsets(lengths)};
  const Results together = attend(part(0, 0), part(1, 0), part(2, 0), shape);
  int64_t first = 0;
  for (int64_t s = 0; s < 4; ++s) {
    const int64_t length = lengths[static_cast<std::size_t>(s)];
    const AttentionShape single{.sequences = 1,
                                .queries = length,
                                .keys = length,
                                .heads = 2,
                                .head_dim = 24,
                                .scale = 0.2f,
                                .causal = true};
    const Results alone = attend(part(0, first), part(1, first), part(2, first), single);
    EXPECT_TRUE(same_bits(alone.out.data<float>(), together.out.data<float>() + first * width,
                          length * width))
        << s;
    for (int64_t h = 0; h < 2; ++h) {
      EXPECT_TRUE(same_bits(alone.logsumexp.data<float>() + h * length,
                            together.logsumexp.data<float>() + (s * 2 + h) * 40, length))
          << s;
    }
    first += length;
  }
}

TEST_P(RaggedAttention, TheLogsumexpOfLargeScoresIsFinite) {
  const Tensor q = Tensor::from<float>({1, 1, 1}, {300.0f}),
               k = Tensor::from<float>({1, 2, 1}, {1.0f, 1.0f});
  const Results results =
      attend(all_of(q), all_of(k), all_of(k),
             {.sequences = 1, .queries = 1, .keys = 2, .heads = 1, .head_dim = 1});
  EXPECT_NEAR(results.logsumexp.data<float>()[0], 300 + std::log(2.0), 1e-4);
}

TEST_P(RaggedAttention, KeysAndValuesAreFoundByATable) {
  // Sequences of up to 40 keys that lie anywhere among 70 rows and share some of them, or at even
  // distances: like copies of them in order, bit by bit.
  for (const auto& [queries, head_dim] : {std::pair{1, 64}, {1, 24}, {5, 16}, {37, 33}}) {
    const int64_t channels = 2 * head_dim;
    const Tensor q = reference::random({5, queries, channels}, 1),
                 k = reference::random({70, channels}, 2), v = reference::random({70, channels}, 3);
    base::Random random(4);
    std::vector<int32_t> table(200);
    for (int32_t& row : table) row = static_cast<int32_t>(random.below(70));
    for (int32_t t = 0; t < 23; ++t) table[static_cast<std::size_t>(120 + t)] = 1 + 3 * t;
    for (int32_t t = 0; t < 40; ++t) table[static_cast<std::size_t>(160 + t)] = 50 - t;
    Tensor k_copy = Tensor::empty({200, channels}), v_copy = Tensor::empty({200, channels});
    tensor::gather_rows_forward(k_copy, k, numbers(table));
    tensor::gather_rows_forward(v_copy, v, numbers(table));

    AttentionShape shape{.sequences = 5,
                         .queries = queries,
                         .keys = 40,
                         .heads = 2,
                         .head_dim = head_dim,
                         .scale = 0.2f,
                         .causal = true,
                         .key_lengths = numbers({40, 0, 7, 23, 40}),
                         .query_start = numbers({3, 1, 40, 22, 39})};
    const Results expected = attend(all_of(q), all_of(k_copy.reshape({5, 40, channels})),
                                    all_of(v_copy.reshape({5, 40, channels})), shape);
    // What lies beyond the lengths is not read.
    std::fill(table.begin() + 40, table.begin() + 80, -1);
    std::fill(table.begin() + 87, table.begin() + 120, -1);
    std::fill(table.begin() + 143, table.begin() + 160, -1);
    shape.key_table = numbers(table).reshape({5, 40});
    const Results found = attend(all_of(q), all_of(k), all_of(v), shape);
    EXPECT_TRUE(same_bits(found.out, expected.out)) << queries;
    EXPECT_TRUE(same_bits(found.probabilities, expected.probabilities)) << queries;
    EXPECT_TRUE(same_bits(found.logsumexp, expected.logsumexp)) << queries;
    expect_twin(all_of(q), all_of(k), all_of(v), shape);
  }
}

/// The message of a call that must fail.
std::string error_of(const Tensor& x, const AttentionShape& shape) {
  try {
    attend(all_of(x), all_of(x), all_of(x), shape);
  } catch (const base::Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(RaggedAttentionErrors, SayWhatWasFoundAndExpected) {
  const Tensor x = Tensor::zeros({9, 8});
  const AttentionShape good{.sequences = 2,
                            .queries = 6,
                            .keys = 6,
                            .heads = 2,
                            .head_dim = 4,
                            .query_offsets = numbers({0, 3, 9}),
                            .key_offsets = numbers({0, 3, 9})};
  EXPECT_EQ(error_of(x, good), "no error");
  AttentionShape bad = good;
  bad.query_offsets = numbers({0, 3, 10});
  EXPECT_EQ(error_of(x, bad),
            "attention_forward: query_offsets[2] is 10 after 3, expected 0 to 6 more");
  bad.query_offsets = numbers({0, 6, 3});
  EXPECT_EQ(error_of(x, bad),
            "attention_forward: query_offsets[2] is 3 after 6, expected 0 to 6 more");
  bad.query_offsets = numbers({1, 3, 9});
  EXPECT_EQ(error_of(x, bad),
            "attention_forward: query_offsets[0] is 1 after 0, expected 0 to 0 more");
  bad = good;
  bad.key_offsets = numbers({0, 6, 12});
  EXPECT_EQ(error_of(x, bad),
            "attention_forward: k is [9, 8], but 1 sequences of 12 rows end at element 96");
  bad = good;
  bad.key_lengths = numbers({4, 6});
  EXPECT_EQ(error_of(x, bad),
            "attention_forward: key_lengths[0] is 4, but key_offsets gives it 3 rows");
  bad = good;
  bad.query_offsets = numbers({0, 9});
  EXPECT_EQ(error_of(x, bad), "attention_forward: query_offsets is [2], expected [3]");
}

TEST(RaggedAttentionErrors, OfTables) {
  const Tensor x = Tensor::zeros({9, 8});
  const Tensor table = numbers({0, 8, 3, 4, 5, 8});
  const AttentionShape good{.sequences = 2,
                            .queries = 1,
                            .keys = 3,
                            .heads = 2,
                            .head_dim = 4,
                            .key_table = table.reshape({2, 3})};
  EXPECT_EQ(error_of(x, good), "no error");
  AttentionShape bad = good;
  bad.key_table = table;
  EXPECT_EQ(error_of(x, bad), "attention_forward: key_table is [6], expected [2, 3]");
  bad.key_table = numbers({0, 8, 3, 4, -5, 8}).reshape({2, 3});
  EXPECT_EQ(error_of(x, bad), "attention_forward: key_table[1, 1] is -5, expected at least 0");
  bad.key_table = numbers({0, 8, 3, 4, 9, 8}).reshape({2, 3});
  EXPECT_EQ(error_of(x, bad),
            "attention_forward: k is [9, 8], but 1 sequences of 10 rows end at element 80");
  bad.key_lengths = numbers({3, 1});
  EXPECT_EQ(error_of(x, bad), "no error");
  bad = good;
  bad.key_offsets = numbers({0, 3, 6});
  EXPECT_EQ(error_of(x, bad), "attention_forward: key_table and key_offsets exclude each other");

  Tensor dq = Tensor::zeros({2, 1, 8}), logsumexp = Tensor::zeros({2, 2, 1});
  try {
    tensor::attention_backward({.gradient = {dq}, .row_stride = 8, .sequence_stride = 8}, {}, {},
                               dq, dq, logsumexp, all_of(dq), all_of(x), all_of(x), good);
    FAIL() << "no error";
  } catch (const base::UsageError& error) {
    EXPECT_STREQ(error.what(), "attention_backward: there is no way back through a key_table");
  }
}

}  // namespace
