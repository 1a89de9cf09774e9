// Attention, forward and backward, at the sizes of BLIP-large: an encoder layer of one picture, and
// the decoder's cross-attention of captions to their picture. Backward does 2.5 times the
// arithmetic of forward. BLIP_ISA chooses the instruction set.
#include <benchmark/benchmark.h>

#include <cmath>

#include "base/random.h"
#include "tensor/attention.h"

namespace {

using tensor::AttentionShape;
using tensor::HeadGradient;
using tensor::HeadRows;
using tensor::Tensor;

Tensor random(const tensor::Shape& shape) {
  Tensor result = Tensor::empty(shape);
  base::Random numbers(1);
  float* to = result.data<float>();
  for (int64_t i = 0; i < result.elements(); ++i) to[i] = static_cast<float>(numbers.normal());
  return result;
}

/// Queries, keys and values of some layer with their gradients.
struct Layer {
  AttentionShape shape;
  HeadRows q, k, v;
  HeadGradient dq, dk, dv;
  Tensor out, logsumexp, dout, not_wanted;

  void forward() { tensor::attention_forward(out, not_wanted, logsumexp, q, k, v, shape); }
  void backward() { tensor::attention_backward(dq, dk, dv, dout, out, logsumexp, q, k, v, shape); }
  /// Multiplications and additions of one product of all queries with all keys, in units of 1e9.
  double product() const {
    return 2e-9 * static_cast<double>(shape.sequences * shape.queries * shape.keys * shape.heads *
                                      shape.head_dim);
  }
};

HeadRows part(const Tensor& rows, int64_t offset) {
  return {.tensor = rows,
          .offset = offset,
          .row_stride = rows.dim(2),
          .sequence_stride = rows.dim(1) * rows.dim(2)};
}

HeadGradient gradient(const HeadRows& rows, const Tensor& sum) {
  return {.gradient = {.sum = sum},
          .offset = rows.offset,
          .row_stride = rows.row_stride,
          .sequence_stride = rows.sequence_stride};
}

Layer layer(const AttentionShape& shape, bool fused) {
  const int64_t width = shape.heads * shape.head_dim;
  Layer result;
  result.shape = shape;
  result.shape.scale = 1 / std::sqrt(static_cast<float>(shape.head_dim));
  if (fused) {
    const Tensor qkv = random({shape.sequences, shape.queries, 3 * width});
    const Tensor dqkv = Tensor::empty(qkv.shape());
    result.q = part(qkv, 0), result.k = part(qkv, width), result.v = part(qkv, 2 * width);
    result.dq = gradient(result.q, dqkv);
    result.dk = gradient(result.k, dqkv);
    result.dv = gradient(result.v, dqkv);
  } else {
    result.q = part(random({shape.sequences, shape.queries, width}), 0);
    result.k = part(random({shape.key_sequences, shape.keys, width}), 0);
    result.v = part(random({shape.key_sequences, shape.keys, width}), 0);
    result.dq = gradient(result.q, Tensor::empty(result.q.tensor.shape()));
    result.dk = gradient(result.k, Tensor::empty(result.k.tensor.shape()));
    result.dv = gradient(result.v, Tensor::empty(result.v.tensor.shape()));
  }
  result.out = Tensor::empty({shape.sequences, shape.queries, width});
  result.dout = random(result.out.shape());
  result.logsumexp = Tensor::empty({shape.sequences, shape.heads, shape.queries});
  result.forward();
  return result;
}

Layer encoder() {
  return layer({.sequences = 1, .queries = 577, .keys = 577, .heads = 16, .head_dim = 64}, true);
}

/// Five captions of 20 tokens look at one picture.
Layer cross() {
  return layer({.sequences = 5,
                .queries = 20,
                .keys = 577,
                .heads = 12,
                .head_dim = 64,
                .key_sequences = 1,
                .key_sequence = Tensor::zeros({5}, tensor::DType::i32)},
               false);
}

/// 16 captions of 20 tokens.
Layer text() {
  return layer({.sequences = 16,
                .queries = 20,
                .keys = 20,
                .heads = 12,
                .head_dim = 64,
                .causal = true,
                .key_sequences = 16},
               false);
}

void forward(benchmark::State& state, Layer (*make)()) {
  Layer made = make();
  for (auto _ : state) made.forward();
  state.counters["GFLOP/s"] =
      benchmark::Counter(2 * made.product(), benchmark::Counter::kIsIterationInvariantRate);
}
void backward(benchmark::State& state, Layer (*make)()) {
  Layer made = make();
  for (auto _ : state) made.backward();
  state.counters["GFLOP/s"] =
      benchmark::Counter(5 * made.product(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(forward, encoder, encoder)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(backward, encoder, encoder)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(forward, cross, cross)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(backward, cross, cross)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(forward, text, text)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(backward, text, text)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
