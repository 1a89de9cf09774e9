#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/isa.h"

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

void gelu_forward(Tensor& y, const Tensor& x) {
  const auto gelu = isa().elementwise.gelu;
  float* to = y.data<float>();
  const float* from = x.data<float>();
  base::parallel_for(y.elements(), kGrain, [&](int64_t begin, int64_t end) {
    gelu(to + begin, from + begin, end - begin);
  });
}

}  // namespace

constinit const ElementwiseKernels elementwise{.add_forward = add_forward,
                                               .gelu_forward = gelu_forward};

}  // namespace tensor::cpu
