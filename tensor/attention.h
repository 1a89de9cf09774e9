// Scaled dot-product attention (Vaswani et al., 2017, equation 1), several heads at once.
//
// All values are f32. Heads lie beside each other in a row: head h is columns [h*D, (h+1)*D).
#pragma once

#include "tensor/gradient.h"
#include "tensor/tensor.h"

namespace tensor {

/// Where queries, keys or values lie: row t of sequence s is `heads * head_dim` consecutive floats
/// at tensor.data + offset + s * sequence_stride + t * row_stride (all counted in floats). So the
/// three parts of a fused qkv projection, and the filled part of a key/value cache, need no copy.
/// Rows of a ragged block lie at offset + (offsets[s] + t) * row_stride.
struct HeadRows {
  Tensor tensor;
  int64_t offset = 0;
  int64_t row_stride = 0;
  int64_t sequence_stride = 0;  ///< not read where rows are ragged, or found by a table
};

/// A gradient that is laid out as HeadRows: parts of a fused qkv projection add up to one tensor.
struct HeadGradient {
  Gradient gradient;
  int64_t offset = 0;
  int64_t row_stride = 0;
  int64_t sequence_stride = 0;
};

/// The index tensors are i32, made and checked by tensor/index.h; undefined: the default.
struct AttentionShape {
  int64_t sequences = 0;  ///< B: sequences of queries
  int64_t queries = 0;    ///< Tq: query rows of each, of the longest if they are ragged
  int64_t keys = 0;       ///< Tk: key rows of each sequence of keys, likewise
  int64_t heads = 0;      ///< H
  int64_t head_dim = 0;   ///< D
  float scale = 1;        ///< usually 1 / sqrt(D)
  bool causal = false;    ///< query i of sequence s sees keys 0 .. query_start[s] + i
  /// Sequences of keys. 0: as many as key_offsets, key_lengths or key_table tell, else as many as
  /// key_sequence names (for the backward operation this guess is not good enough), else B.
  int64_t key_sequences = 0;
  Tensor query_offsets{};  ///< [B+1] queries, out are ragged: rows offsets[s] .. offsets[s+1]
  Tensor key_offsets{};    ///< [key sequences + 1] likewise for keys and values
  Tensor key_lengths{};    ///< [key sequences] rows that are valid; default: all there are
  Tensor query_start{};    ///< [B] position of query 0; default: 0. Read if causal
  Tensor key_sequence{};   ///< [B] the key sequence of each; default: its own
  /// [key sequences, Tk] where key t of sequence s lies: row key_table[s, t] of all rows of k and
  /// v, which begin at offset. So sequences share rows, as beams do what they have in common. Not
  /// read beyond a sequence's length; only forward.
  Tensor key_table{};
};

/// out[s, i] = sum over visible j of softmax_j(scale * q[s, i] . k[j]) * v[j], for each head.
/// out is [B, Tq, H*D] contiguous, or [tokens, H*D] where queries are ragged. Not wanted, and then
/// not stored, if undefined: probabilities [B, H, Tq, Tk] (0 where a key is not visible), and
/// logsumexp [B, H, Tq], log sum over visible j of exp(scale * q[s, i] . k[j]). Their entries
/// beyond the rows of a ragged sequence are not touched. A query that sees no key gives zeros and a
/// logsumexp of -inf. What lies beyond a sequence's length is not read, and a query's result does
/// not depend on the other queries, on Tk, or on the other sequences.
void attention_forward(Tensor& out, Tensor& probabilities, Tensor& logsumexp, const HeadRows& q,
                       const HeadRows& k, const HeadRows& v, const AttentionShape& shape);

/// The gradients of q, k and v from dout, that of `out`; out and logsumexp as forward gave them.
/// Probabilities are computed again: p_ij = exp(scale * q_i . k_j - logsumexp_i), and
/// dv_j = sum_i p_ij dout_i, ds_ij = p_ij (dout_i . v_j - dout_i . out_i), dq_i = scale sum_j ds_ij
/// k_j, dk_j = scale sum_i ds_ij q_i (Dao, "FlashAttention-2", 2023, algorithm 2). Sums run over
/// visible pairs in ascending order: first of sequences, then of rows; each is finished before it
/// is stored or added. All rows of the sequences that `shape` describes are set (zero where nothing
/// is visible) or added to, and nothing else is touched.
void attention_backward(const HeadGradient& dq, const HeadGradient& dk, const HeadGradient& dv,
                        const Tensor& dout, const Tensor& out, const Tensor& logsumexp,
                        const HeadRows& q, const HeadRows& k, const HeadRows& v,
                        const AttentionShape& shape);

/// How many sequences of keys it describes.
int64_t count_key_sequences(const AttentionShape& shape);

struct AttentionKernels {
  decltype(&tensor::attention_forward) attention_forward;
  decltype(&tensor::attention_backward) attention_backward;
};
namespace cpu {
extern const AttentionKernels attention;
}

}  // namespace tensor
