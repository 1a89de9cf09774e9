// The matrix products of BLIP-large. The encoder's are bound by arithmetic (GFLOP/s), those of a
// decoding step by the memory that the weights come from (GB/s).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "tensor/matmul.h"

namespace {

using tensor::MatmulWeight;
using tensor::Tensor;

Tensor random(const tensor::Shape& shape) {
  Tensor result = Tensor::empty(shape);
  base::Random numbers(1);
  for (int64_t i = 0; i < result.elements(); ++i) {
    result.data<float>()[i] = static_cast<float>(numbers.uniform()) - 0.5f;
  }
  return result;
}

void count_flops(benchmark::State& state, int64_t rows, int64_t inputs, int64_t outputs) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * static_cast<double>(rows * inputs * outputs),
                         benchmark::Counter::kIsIterationInvariantRate);
}

enum class After { bias, gelu, residual };

/// One picture's 577 tokens through a product of an encoder layer.
void encoder(benchmark::State& state, int64_t inputs, int64_t outputs, After after) {
  constexpr int64_t kTokens = 577;
  const Tensor x = random({kTokens, inputs});
  const MatmulWeight weight(random({outputs, inputs}));
  tensor::MatmulEpilogue epilogue{.bias = random({outputs})};
  if (after == After::gelu) epilogue.activation = tensor::Activation::gelu;
  if (after == After::residual) epilogue.residual = random({kTokens, outputs});
  Tensor y = Tensor::empty({kTokens, outputs});
  weight.pack();
  for (auto _ : state) tensor::matmul_forward(y, x, weight, epilogue);
  count_flops(state, kTokens, inputs, outputs);
}
BENCHMARK_CAPTURE(encoder, qkv, 1024, 3072, After::bias)->UseRealTime();
BENCHMARK_CAPTURE(encoder, projection, 1024, 1024, After::residual)->UseRealTime();
BENCHMARK_CAPTURE(encoder, fc1, 1024, 4096, After::gelu)->UseRealTime();
BENCHMARK_CAPTURE(encoder, fc2, 4096, 1024, After::residual)->UseRealTime();

/// As many different weights as do not fit a cache take turns, as the layers of a model do.
void decoder(benchmark::State& state) {
  const int64_t rows = state.range(0), inputs = state.range(1), outputs = state.range(2);
  const Tensor x = random({rows, inputs});
  const std::size_t count =
      static_cast<std::size_t>(std::max<int64_t>(1, (64 << 20) / (inputs * outputs)));
  std::vector<MatmulWeight> weights;
  const Tensor source = random({outputs, inputs});
  for (std::size_t i = 0; i < count; ++i) {
    weights.emplace_back(source);
    weights.back().pack();
  }
  Tensor y = Tensor::empty({rows, outputs});
  std::size_t turn = 0;
  for (auto _ : state) tensor::matmul_forward(y, x, weights[turn++ % count]);
  state.counters["GB/s"] = benchmark::Counter(4e-9 * static_cast<double>(inputs * outputs),
                                              benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(decoder)
    ->ArgNames({"rows", "inputs", "outputs"})
    ->ArgsProduct({{1, 3, 8, 16}, {768}, {768, 3072, 30524}})
    ->ArgsProduct({{1, 3, 8, 16}, {3072}, {768}})
    ->UseRealTime();

/// The two products of the way back, beside the way there, for layers of an encoder (1 and 16
/// pictures), of a decoder (the tokens of a batch) and for the matrices of a rank-16 adapter.
void training_sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"rows", "inputs", "outputs"})
      ->ArgsProduct({{577, 9232}, {1024}, {4096}})
      ->ArgsProduct({{577, 9232}, {4096}, {1024}})
      ->ArgsProduct({{16, 50}, {768}, {768, 3072, 30524}})
      ->ArgsProduct({{50, 577, 9232}, {768}, {16}})
      ->ArgsProduct({{50, 577, 9232}, {16}, {768}})
      ->UseRealTime();
}

void forward(benchmark::State& state) {
  const int64_t rows = state.range(0), inputs = state.range(1), outputs = state.range(2);
  const Tensor x = random({rows, inputs});
  const MatmulWeight weight(random({outputs, inputs}));
  Tensor y = Tensor::empty({rows, outputs});
  weight.pack();
  for (auto _ : state) tensor::matmul_forward(y, x, weight);
  count_flops(state, rows, inputs, outputs);
}
BENCHMARK(forward)->Apply(training_sizes);

void backward_input(benchmark::State& state) {
  const int64_t rows = state.range(0), inputs = state.range(1), outputs = state.range(2);
  const Tensor dy = random({rows, outputs});
  const MatmulWeight weight(random({outputs, inputs}));
  const tensor::Gradient dx{.sum = Tensor::empty({rows, inputs})};
  weight.pack({.order = tensor::PanelOrder::transposed});
  for (auto _ : state) tensor::matmul_backward_input(dx, dy, weight);
  count_flops(state, rows, inputs, outputs);
}
BENCHMARK(backward_input)->Apply(training_sizes);

/// Adds, as parameters do.
void backward_weight(benchmark::State& state) {
  const int64_t rows = state.range(0), inputs = state.range(1), outputs = state.range(2);
  const Tensor dy = random({rows, outputs}), x = random({rows, inputs});
  const tensor::Gradient dw{.sum = Tensor::zeros({outputs, inputs}), .add = true};
  for (auto _ : state) tensor::matmul_backward_weight(dw, {}, dy, x);
  count_flops(state, rows, inputs, outputs);
}
BENCHMARK(backward_weight)->Apply(training_sizes);

/// After each step of an optimiser a trained weight is packed anew.
void pack(benchmark::State& state) {
  const auto order = static_cast<tensor::PanelOrder>(state.range(0));
  Tensor source = random({4096, 1024});
  const MatmulWeight weight(source);
  for (auto _ : state) {
    source.writable();  // as if it was written to
    weight.pack({.order = order});
  }
  state.counters["GB/s"] = benchmark::Counter(static_cast<double>(source.bytes()) * 1e-9,
                                              benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(pack)->ArgName("transposed")->Arg(0)->Arg(1)->UseRealTime();

}  // namespace
