// Scaled dot-product attention (Vaswani et al., 2017, equation 1), several heads at once.
//
// All values are f32. Heads lie beside each other in a row: head h is columns [h*D, (h+1)*D).
#pragma once

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
  int64_t sequence_stride = 0;  ///< not read where rows are ragged
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
  /// Sequences of keys. 0: as many as key_offsets or key_lengths tell, else as many as key_sequence
  /// names (for the backward operation this guess is not good enough), else B.
  int64_t key_sequences = 0;
  Tensor query_offsets{};  ///< [B+1] queries, out are ragged: rows offsets[s] .. offsets[s+1]
  Tensor key_offsets{};    ///< [key sequences + 1] likewise for keys and values
  Tensor key_lengths{};    ///< [key sequences] rows that are valid; default: all there are
  Tensor query_start{};    ///< [B] position of query 0; default: 0. Read if causal
  Tensor key_sequence{};   ///< [B] the key sequence of each; default: its own
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

/// How many sequences of keys it describes.
int64_t count_key_sequences(const AttentionShape& shape);

struct AttentionKernels {
  decltype(&tensor::attention_forward) attention_forward;
};
namespace cpu {
extern const AttentionKernels attention;
}

}  // namespace tensor
