#include <algorithm>

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

/// Each chunk of rows sums what it adds to dw and db by itself; then the chunks' sums are added.
void layer_norm_backward(const Gradient& dx, const Gradient& dw, const Gradient& db,
                         const Tensor& dy, const Tensor& x, const Tensor& weight,
                         const Tensor& mean, const Tensor& rstd) {
  const int64_t channels = x.dim(-1), rows = x.elements() / channels;
  const int64_t grain = std::max<int64_t>(16, (rows + 63) / 64);
  const int64_t chunks = (rows + grain - 1) / grain;
  const auto row = isa().norm.layer_norm_backward_row;
  const auto add = isa().elementwise.add;
  Tensor dx_sum = dx.sum, dw_chunks, db_chunks;
  float* to = dx.wanted() ? dx_sum.data<float>() : nullptr;
  if (dw.wanted()) dw_chunks = Tensor::zeros({chunks, channels});
  if (db.wanted()) db_chunks = Tensor::zeros({chunks, channels});
  float* dw_sums = dw.wanted() ? dw_chunks.data<float>() : nullptr;
  float* db_sums = db.wanted() ? db_chunks.data<float>() : nullptr;
  const float *gradients = dy.data<float>(), *from = x.data<float>(), *scale = weight.data<float>();
  const float *means = mean.data<float>(), *rstds = rstd.data<float>();
  base::parallel_for(rows, grain, [&](int64_t begin, int64_t end) {
    const int64_t sums = begin / grain * channels;
    for (int64_t r = begin; r < end; ++r) {
      const int64_t place = r * channels;
      row(to ? to + place : nullptr, dw_sums ? dw_sums + sums : nullptr,
          db_sums ? db_sums + sums : nullptr, gradients + place, from + place, scale, means[r],
          rstds[r], channels, dx.add);
    }
  });
  const auto combine = [&](const Gradient& gradient, const float* sums) {
    if (!gradient.wanted()) return;
    Tensor result = gradient.sum;
    float* sum = result.data<float>();
    // The chunks' sums by themselves first, so that a sum is the same whatever it is added to.
    Tensor total = Tensor::zeros({channels});
    float* all = total.data<float>();
    for (int64_t i = 0; i < chunks; ++i) add(all, all, sums + i * channels, channels);
    if (gradient.add) {
      add(sum, sum, all, channels);
    } else {
      std::copy_n(all, channels, sum);
    }
  };
  combine(dw, dw_sums);
  combine(db, db_sums);
}

}  // namespace

constinit const NormKernels norm{.layer_norm_forward = layer_norm_forward,
                                 .layer_norm_backward = layer_norm_backward};

}  // namespace tensor::cpu
