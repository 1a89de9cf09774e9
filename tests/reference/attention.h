// The naive twins of tensor/attention.h, in double precision; see tests/reference/twins.h.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tensor/attention.h"

namespace reference {

/// out as its tensor lies: [B, Tq, H*D], or [tokens, H*D]. probabilities [B, H, Tq, Tk] and
/// logsumexp [B, H, Tq] are 0 beyond the rows of a ragged sequence.
struct Attention {
  std::vector<double> out, probabilities, logsumexp;
};

/// Which elements of a tensor a head's row is, whatever the layout.
struct AttentionPlaces {
  const tensor::AttentionShape& shape;

  static int64_t entry(const tensor::Tensor& numbers, int64_t i, int64_t otherwise) {
    return numbers.defined() ? numbers.data<int32_t>()[i] : otherwise;
  }
  /// Rows of sequence s.
  static int64_t rows(const tensor::Tensor& offsets, int64_t s, int64_t otherwise) {
    return offsets.defined() ? entry(offsets, s + 1, 0) - entry(offsets, s, 0) : otherwise;
  }
  int64_t queries(int64_t s) const { return rows(shape.query_offsets, s, shape.queries); }
  int64_t keys(int64_t s) const { return entry(shape.key_sequence, s, s); }
  int64_t visible(int64_t s, int64_t i) const {
    const int64_t all = rows(shape.key_offsets, keys(s), shape.keys);
    const int64_t length = entry(shape.key_lengths, keys(s), all);
    return shape.causal ? std::min(length, entry(shape.query_start, s, 0) + i + 1) : length;
  }
  /// The element of tensor `rows` (HeadRows or HeadGradient) where a row of a head begins.
  template <class Layout>
  int64_t element(const Layout& layout, const tensor::Tensor& offsets, int64_t s, int64_t t,
                  int64_t head) const {
    const int64_t row = entry(offsets, s, 0) + t;
    return layout.offset + (offsets.defined() ? 0 : s * layout.sequence_stride) +
           row * layout.row_stride + head * shape.head_dim;
  }
  /// The same of keys and values.
  template <class Layout>
  int64_t key(const Layout& layout, int64_t s, int64_t t, int64_t head) const {
    if (!shape.key_table.defined()) return element(layout, shape.key_offsets, s, t, head);
    return layout.offset + entry(shape.key_table, s * shape.keys + t, 0) * layout.row_stride +
           head * shape.head_dim;
  }
  /// The same of out.
  int64_t out(int64_t s, int64_t i, int64_t head) const {
    const int64_t row = entry(shape.query_offsets, s, s * shape.queries) + i;
    return (row * shape.heads + head) * shape.head_dim;
  }
  int64_t out_elements() const {
    const int64_t b = shape.sequences;
    return entry(shape.query_offsets, b, b * shape.queries) * shape.heads * shape.head_dim;
  }
};

/// The elements of q, k and v: tensors as they are, or numbers to differentiate by.
struct AttentionInputs {
  std::vector<double> q, k, v;

  static std::vector<double> doubles(const tensor::Tensor& x) {
    return {x.span<float>().begin(), x.span<float>().end()};
  }
};

inline Attention attention(const AttentionInputs& inputs, const tensor::HeadRows& q,
                           const tensor::HeadRows& k, const tensor::HeadRows& v,
                           const tensor::AttentionShape& shape) {
  const AttentionPlaces places{shape};
  const auto size = [](int64_t count) { return static_cast<std::size_t>(count); };
  Attention result;
  result.out.resize(size(places.out_elements()));
  result.logsumexp.resize(size(shape.sequences * shape.heads * shape.queries));
  result.probabilities.resize(result.logsumexp.size() * size(shape.keys));
  for (int64_t s = 0; s < shape.sequences; ++s) {
    const int64_t keys = places.keys(s);
    for (int64_t h = 0; h < shape.heads; ++h) {
      for (int64_t i = 0; i < places.queries(s); ++i) {
        const int64_t visible = places.visible(s, i);
        const double* query = inputs.q.data() + places.element(q, shape.query_offsets, s, i, h);
        std::vector<double> weight;
        double largest = -INFINITY, sum = 0;
        for (int64_t j = 0; j < visible; ++j) {
          const double* key = inputs.k.data() + places.key(k, keys, j, h);
          double score = 0;
          for (int64_t d = 0; d < shape.head_dim; ++d) score += query[d] * key[d];
          weight.push_back(score * shape.scale);
          largest = std::max(largest, weight.back());
        }
        for (double& w : weight) sum += w = std::exp(w - largest);
        double* out = result.out.data() + places.out(s, i, h);
        const int64_t place = (s * shape.heads + h) * shape.queries + i;
        for (int64_t j = 0; j < visible; ++j) {
          const double* value = inputs.v.data() + places.key(v, keys, j, h);
          const double w = weight[size(j)] / sum;
          for (int64_t d = 0; d < shape.head_dim; ++d) out[d] += w * value[d];
          result.probabilities[size(place * shape.keys + j)] = w;
        }
        result.logsumexp[size(place)] = visible ? largest + std::log(sum) : -INFINITY;
      }
    }
  }
  return result;
}

inline Attention attention(const tensor::HeadRows& q, const tensor::HeadRows& k,
                           const tensor::HeadRows& v, const tensor::AttentionShape& shape) {
  return attention({AttentionInputs::doubles(q.tensor), AttentionInputs::doubles(k.tensor),
                    AttentionInputs::doubles(v.tensor)},
                   q, k, v, shape);
}

/// The gradients of q, k and v, as their tensors lie; 0 where no row is. From the definition:
/// dP = dout v^T, dS = P (dP - sum of dP P), with P from the forward twin.
inline AttentionInputs attention_backward(const std::vector<double>& dout,
                                          const tensor::HeadRows& q, const tensor::HeadRows& k,
                                          const tensor::HeadRows& v,
                                          const tensor::AttentionShape& shape) {
  const AttentionPlaces places{shape};
  const auto size = [](int64_t count) { return static_cast<std::size_t>(count); };
  const std::vector<double> probabilities = attention(q, k, v, shape).probabilities;
  AttentionInputs gradients{.q = std::vector<double>(size(q.tensor.elements())),
                            .k = std::vector<double>(size(k.tensor.elements())),
                            .v = std::vector<double>(size(v.tensor.elements()))};
  for (int64_t s = 0; s < shape.sequences; ++s) {
    for (int64_t h = 0; h < shape.heads; ++h) {
      for (int64_t i = 0; i < places.queries(s); ++i) {
        const int64_t visible = places.visible(s, i), keys = places.keys(s);
        const int64_t query = places.element(q, shape.query_offsets, s, i, h);
        const double* p =
            probabilities.data() + ((s * shape.heads + h) * shape.queries + i) * shape.keys;
        const double* dy = dout.data() + places.out(s, i, h);
        std::vector<double> dp;
        double mean = 0;
        for (int64_t j = 0; j < visible; ++j) {
          const int64_t value = places.key(v, keys, j, h);
          double product = 0;
          for (int64_t d = 0; d < shape.head_dim; ++d) {
            product += dy[d] * v.tensor.data<float>()[value + d];
            gradients.v[size(value + d)] += p[j] * dy[d];
          }
          dp.push_back(product);
          mean += p[j] * product;
        }
        for (int64_t j = 0; j < visible; ++j) {
          const int64_t key = places.key(k, keys, j, h);
          const double ds = shape.scale * p[j] * (dp[size(j)] - mean);
          for (int64_t d = 0; d < shape.head_dim; ++d) {
            gradients.q[size(query + d)] += ds * k.tensor.data<float>()[key + d];
            gradients.k[size(key + d)] += ds * q.tensor.data<float>()[query + d];
          }
        }
      }
    }
  }
  return gradients;
}

}  // namespace reference
