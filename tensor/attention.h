// Scaled dot-product attention (Vaswani et al., 2017, equation 1), several heads at once.
//
// All tensors are f32. Heads lie beside each other in a row: head h is columns [h*D, (h+1)*D).
#pragma once

#include <span>

#include "tensor/tensor.h"

namespace tensor {

/// Where queries, keys or values lie: row t of sequence s is `heads * head_dim` consecutive floats
/// at tensor.data + offset + s * sequence_stride + t * row_stride (all counted in floats). So the
/// three parts of a fused qkv projection, and the filled part of a key/value cache, need no copy.
struct HeadRows {
  Tensor tensor;
  int64_t offset = 0;
  int64_t row_stride = 0;
  int64_t sequence_stride = 0;
};

struct AttentionShape {
  int64_t sequences = 0;  ///< B: sequences of queries
  int64_t queries = 0;    ///< Tq: query rows of each
  int64_t keys = 0;       ///< Tk: key rows of each sequence of keys (the longest, if lengths vary)
  int64_t heads = 0;      ///< H
  int64_t head_dim = 0;   ///< D
  float scale = 1;        ///< usually 1 / sqrt(D)
  bool causal = false;    ///< query i of sequence s sees keys 0 .. query_start[s] + i
  std::span<const int32_t> key_lengths{};   ///< [key sequences] rows that are valid; empty: all Tk
  std::span<const int32_t> query_start{};   ///< [B] position of query 0; empty: 0. Read if causal
  std::span<const int32_t> key_sequence{};  ///< [B] the key sequence of each; empty: its own
};

/// out[s, i] = sum over visible j of softmax_j(scale * q[s, i] . k[j]) * v[j], for each head.
/// out is [B, Tq, H*D] contiguous. probabilities is [B, H, Tq, Tk] (0 where a key is not visible),
/// or undefined: not wanted, and then never stored. A query that sees no key gives zeros. What
/// lies beyond a sequence's length is not read, and a query's result does not depend on the other
/// queries, on Tk, or on the other sequences.
void attention_forward(Tensor& out, Tensor& probabilities, const HeadRows& q, const HeadRows& k,
                       const HeadRows& v, const AttentionShape& shape);

struct AttentionKernels {
  decltype(&tensor::attention_forward) attention_forward;
};
namespace cpu {
extern const AttentionKernels attention;
}

}  // namespace tensor
