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
  state.counters["GFLOP/s"] =
      benchmark::Counter(2e-9 * static_cast<double>(kTokens * inputs * outputs),
                         benchmark::Counter::kIsIterationInvariantRate);
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

}  // namespace
