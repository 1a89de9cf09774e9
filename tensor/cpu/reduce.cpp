#include <algorithm>
#include <vector>

#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/isa.h"
#include "tensor/cpu/rows.h"

namespace tensor::cpu {
namespace {

void weighted_sum_forward(Tensor& y, const Tensor& x, const Tensor& weights) {
  const float* values = x.data<float>();
  const float* factors = weights.data<float>();
  double sum = 0;
  for (int64_t i = 0; i < x.elements(); ++i) sum += double{values[i]} * factors[i];
  *y.data<float>() = static_cast<float>(sum);
}

void weighted_sum_backward(const Gradient& dx, const Tensor& dy, const Tensor& weights) {
  const float slope = *dy.data<float>();
  const float* factors = weights.data<float>();
  float* to = elements_of(dx);
  for (int64_t i = 0; i < weights.elements(); ++i) {
    to[i] = slope * factors[i] + (dx.add ? to[i] : 0);
  }
}

double sum_of_squares(const Tensor& x) {
  constexpr int64_t kChunk = 65536;
  const auto sum_chunk = isa().reduce.sum_of_squares;
  const float* from = x.data<float>();
  std::vector<double> sums(static_cast<std::size_t>((x.elements() + kChunk - 1) / kChunk));
  base::parallel_for(x.elements(), kChunk, [&](int64_t begin, int64_t end) {
    sums[static_cast<std::size_t>(begin / kChunk)] = sum_chunk(from + begin, end - begin);
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace

constinit const ReduceKernels reduce{.weighted_sum_forward = weighted_sum_forward,
                                     .weighted_sum_backward = weighted_sum_backward,
                                     .sum_of_squares = sum_of_squares};

}  // namespace tensor::cpu
