// What the kernels of attention, forward and backward, know of its rows: AttentionShape with its
// index tensors read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "tensor/attention.h"

namespace tensor::cpu {

class AttentionRows {
 public:
  explicit AttentionRows(const AttentionShape& shape)
      : shape_(shape),
        query_offsets_(read(shape.query_offsets)),
        key_offsets_(read(shape.key_offsets)),
        key_lengths_(read(shape.key_lengths)),
        query_start_(read(shape.query_start)),
        key_sequence_(read(shape.key_sequence)),
        key_table_(read(shape.key_table)) {}

  /// Query rows of a sequence.
  int64_t queries(int64_t sequence) const {
    return query_offsets_ ? query_offsets_[sequence + 1] - query_offsets_[sequence]
                          : shape_.queries;
  }
  /// Row 0 of a sequence in a contiguous block of query rows, as `out` is.
  int64_t first_query(int64_t sequence) const {
    return query_offsets_ ? query_offsets_[sequence] : sequence * shape_.queries;
  }
  int64_t key_sequence(int64_t sequence) const {
    return key_sequence_ ? key_sequence_[sequence] : sequence;
  }
  /// Rows of a sequence of keys, and how many of them are valid.
  int64_t keys(int64_t key_sequence) const {
    return key_offsets_ ? key_offsets_[key_sequence + 1] - key_offsets_[key_sequence] : shape_.keys;
  }
  int64_t length(int64_t key_sequence) const {
    return key_lengths_ ? key_lengths_[key_sequence] : keys(key_sequence);
  }
  /// Which row of all each key of a sequence is; null: they lie one behind the other.
  const int32_t* key_table(int64_t key_sequence) const {
    return key_table_ ? key_table_ + key_sequence * shape_.keys : nullptr;
  }
  /// How many keys query `t` of a sequence sees.
  int64_t visible(int64_t sequence, int64_t key_sequence, int64_t t) const {
    const int64_t all = length(key_sequence);
    if (!shape_.causal) return all;
    return std::min(all, (query_start_ ? query_start_[sequence] : 0) + t + 1);
  }

  /// The element at which row 0 of a sequence begins (of all, where there is a key_table), of
  /// HeadRows or a HeadGradient.
  template <class Layout>
  int64_t query_element(const Layout& rows, int64_t sequence) const {
    return element(rows, query_offsets_, sequence);
  }
  template <class Layout>
  int64_t key_element(const Layout& rows, int64_t sequence) const {
    return key_table_ ? rows.offset : element(rows, key_offsets_, sequence);
  }

 private:
  static const int32_t* read(const Tensor& numbers) {
    return numbers.defined() ? numbers.data<int32_t>() : nullptr;
  }
  template <class Layout>
  static int64_t element(const Layout& rows, const int32_t* offsets, int64_t sequence) {
    return rows.offset +
           (offsets ? offsets[sequence] * rows.row_stride : sequence * rows.sequence_stride);
  }

  const AttentionShape& shape_;
  const int32_t* query_offsets_;  // these are null where not given
  const int32_t* key_offsets_;
  const int32_t* key_lengths_;
  const int32_t* query_start_;
  const int32_t* key_sequence_;
  const int32_t* key_table_;
};

/// The sequences of queries that look at one sequence of keys, and all their rows.
struct AttentionGroup {
  int64_t key_sequence = 0;
  std::span<const int32_t> sequences;
  int64_t rows = 0;
};

/// One for each sequence of keys, in order; those that nobody looks at have no sequences.
class AttentionGroups {
 public:
  explicit AttentionGroups(const AttentionShape& shape);
  int64_t size() const { return rows_.elements(); }
  AttentionGroup operator[](int64_t key_sequence) const;
  int64_t max_rows() const;  ///< of a group

 private:
  Tensor sequences_;  // i32 [B], sorted by their group
  Tensor ends_;       // i32 [groups]: where those of a group end
  Tensor rows_;       // i64 [groups]
};

/// tensor/cpu/attention_backward.cpp
void attention_backward(const HeadGradient& dq, const HeadGradient& dk, const HeadGradient& dv,
                        const Tensor& dout, const Tensor& out, const Tensor& logsumexp,
                        const HeadRows& q, const HeadRows& k, const HeadRows& v,
                        const AttentionShape& shape);

}  // namespace tensor::cpu
