#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/isa.h"

namespace tensor::cpu {
namespace {

void for_each_row(Tensor& y, const Tensor& x, void (*row)(float*, const float*, int64_t)) {
  const int64_t channels = x.dim(-1), rows = x.elements() / channels;
  const float* from = x.data<float>();
  float* to = y.data<float>();
  base::parallel_for(rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) row(to + r * channels, from + r * channels, channels);
  });
}

void softmax_forward(Tensor& y, const Tensor& x) {
  for_each_row(y, x, isa().softmax.softmax_row);
}

void log_softmax_forward(Tensor& y, const Tensor& x) {
  for_each_row(y, x, isa().softmax.log_softmax_row);
}

}  // namespace

constinit const SoftmaxKernels softmax{.softmax_forward = softmax_forward,
                                       .log_softmax_forward = log_softmax_forward};

}  // namespace tensor::cpu
