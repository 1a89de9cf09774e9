#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/isa.h"
#include "tensor/cpu/rows.h"

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

void for_each_row_backward(const Gradient& dx, const Tensor& dy, const Tensor& y,
                           void (*row)(float*, const float*, const float*, int64_t, bool)) {
  const int64_t channels = y.dim(-1), rows = y.elements() / channels;
  const float* slope = dy.data<float>();
  const float* from = y.data<float>();
  float* to = elements_of(dx);
  base::parallel_for(rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin * channels; r < end * channels; r += channels) {
      row(to + r, slope + r, from + r, channels, dx.add);
    }
  });
}

void softmax_forward(Tensor& y, const Tensor& x) {
  for_each_row(y, x, isa().softmax.softmax_row);
}

void log_softmax_forward(Tensor& y, const Tensor& x) {
  for_each_row(y, x, isa().softmax.log_softmax_row);
}

void softmax_backward(const Gradient& dx, const Tensor& dy, const Tensor& y) {
  for_each_row_backward(dx, dy, y, isa().softmax.softmax_backward_row);
}

void log_softmax_backward(const Gradient& dx, const Tensor& dy, const Tensor& y) {
  for_each_row_backward(dx, dy, y, isa().softmax.log_softmax_backward_row);
}

}  // namespace

constinit const SoftmaxKernels softmax{.softmax_forward = softmax_forward,
                                       .softmax_backward = softmax_backward,
                                       .log_softmax_forward = log_softmax_forward,
                                       .log_softmax_backward = log_softmax_backward};

}  // namespace tensor::cpu
