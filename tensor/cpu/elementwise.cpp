#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/isa.h"
#include "tensor/cpu/rows.h"

namespace tensor::cpu {
namespace {

/// Elements that one thread takes at a time: a few microseconds of work.
constexpr int64_t kGrain = 16384;

void add_forward(Tensor& y, const Tensor& a, const Tensor& b) {
  const auto add = isa().elementwise.add;
  float* to = y.data<float>();
  const float* left = a.data<float>();
  const float* right = b.data<float>();
  base::parallel_for(y.elements(), kGrain, [&](int64_t begin, int64_t end) {
    add(to + begin, left + begin, right + begin, end - begin);
  });
}

void scale_forward(Tensor& y, const Tensor& x, float factor) {
  const auto scale = isa().elementwise.scale;
  float* to = y.data<float>();
  const float* from = x.data<float>();
  base::parallel_for(y.elements(), kGrain, [&](int64_t begin, int64_t end) {
    scale(to + begin, from + begin, factor, end - begin, false);
  });
}

void scale_backward(const Gradient& dx, const Tensor& dy, float factor) {
  const auto scale = isa().elementwise.scale;
  float* to = elements_of(dx);
  const float* from = dy.data<float>();
  base::parallel_for(dy.elements(), kGrain, [&](int64_t begin, int64_t end) {
    scale(to + begin, from + begin, factor, end - begin, dx.add);
  });
}

void activation_forward(Tensor& y, const Tensor& x, Activation activation) {
  const auto activate = isa().elementwise.activation;
  float* to = y.data<float>();
  const float* from = x.data<float>();
  base::parallel_for(y.elements(), kGrain, [&](int64_t begin, int64_t end) {
    activate(to + begin, from + begin, end - begin, activation);
  });
}

void activation_backward(const Gradient& dx, const Tensor& dy, const Tensor& pre_activation,
                         Activation activation) {
  const auto backward = isa().elementwise.activation_backward;
  float* to = elements_of(dx);
  const float* slope = dy.data<float>();
  const float* x = pre_activation.data<float>();
  base::parallel_for(dy.elements(), kGrain, [&](int64_t begin, int64_t end) {
    backward(to + begin, slope + begin, x + begin, end - begin, activation, dx.add);
  });
}

}  // namespace

constinit const ElementwiseKernels elementwise{.add_forward = add_forward,
                                               .scale_forward = scale_forward,
                                               .scale_backward = scale_backward,
                                               .activation_forward = activation_forward,
                                               .activation_backward = activation_backward};

}  // namespace tensor::cpu
