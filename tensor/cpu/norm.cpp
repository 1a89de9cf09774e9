#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/isa.h"

namespace tensor::cpu {
namespace {

void layer_norm_forward(Tensor& y, Tensor& mean, Tensor& rstd, const Tensor& x,
                        const Tensor& weight, const Tensor& bias, float eps) {
  const int64_t channels = x.dim(-1), rows = x.elements() / channels;
  const auto row = isa().norm.layer_norm_row;
  const float* from = x.data<float>();
  float* to = y.data<float>();
  float* means = mean.defined() ? mean.data<float>() : nullptr;
  float* rstds = rstd.defined() ? rstd.data<float>() : nullptr;
  const float* scale = weight.data<float>();
  const float* shift = bias.data<float>();
  base::parallel_for(rows, 16, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      float row_mean, row_rstd;
      row(to + r * channels, &row_mean, &row_rstd, from + r * channels, scale, shift, channels,
          eps);
      if (means) means[r] = row_mean;
      if (rstds) rstds[r] = row_rstd;
    }
  });
}

}  // namespace

constinit const NormKernels norm{.layer_norm_forward = layer_norm_forward};

}  // namespace tensor::cpu
