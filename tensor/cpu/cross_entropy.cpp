#include <algorithm>

#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/isa.h"
#include "tensor/cpu/rows.h"

namespace tensor::cpu {
namespace {

void cross_entropy_forward(Tensor& nll, Tensor& smooth, Tensor& logsumexp, const Tensor& logits,
                           const Tensor& labels) {
  const int64_t rows = logits.dim(0), classes = logits.dim(1);
  const auto log_sum_exp = isa().softmax.log_sum_exp_row;
  const float* from = logits.data<float>();
  const int32_t* label = labels.data<int32_t>();
  float* losses = nll.data<float>();
  float* smooths = smooth.defined() ? smooth.data<float>() : nullptr;
  float* log_sums = logsumexp.defined() ? logsumexp.data<float>() : nullptr;
  base::parallel_for(rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      if (label[r] == kIgnoredLabel) {
        losses[r] = 0;
        if (smooths) smooths[r] = 0;
        if (log_sums) log_sums[r] = 0;
        continue;
      }
      const float* row = from + r * classes;
      float largest;
      const float log_sum = log_sum_exp(&largest, row, classes);
      losses[r] = log_sum - (row[label[r]] - largest);
      if (log_sums) log_sums[r] = largest + log_sum;
      if (smooths) {
        double total = 0;
        for (int64_t v = 0; v < classes; ++v) total += row[v] - largest;
        smooths[r] = static_cast<float>(log_sum - total / static_cast<double>(classes));
      }
    }
  });
}

void cross_entropy_backward(const Gradient& dlogits, const Tensor& dnll, const Tensor& dsmooth,
                            const Tensor& logits, const Tensor& labels, const Tensor& logsumexp) {
  const int64_t rows = logits.dim(0), classes = logits.dim(1);
  const auto scaled_exp = isa().softmax.scaled_exp_row;
  const float* from = logits.data<float>();
  const int32_t* label = labels.data<int32_t>();
  const float* log_sums = logsumexp.data<float>();
  const float* of_nll = dnll.defined() ? dnll.data<float>() : nullptr;
  const float* of_smooth = dsmooth.defined() ? dsmooth.data<float>() : nullptr;
  float* to = elements_of(dlogits);
  base::parallel_for(rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      float* target = to + r * classes;
      if (label[r] == kIgnoredLabel) {
        if (!dlogits.add) std::fill_n(target, classes, 0.0f);
        continue;
      }
      // Both terms have p; the rest of the second is the same for all classes.
      const float nll = of_nll ? of_nll[r] : 0, smooth = of_smooth ? of_smooth[r] : 0;
      scaled_exp(target, from + r * classes, classes, log_sums[r], nll + smooth,
                 -smooth / static_cast<float>(classes), dlogits.add);
      target[label[r]] -= nll;
    }
  });
}

}  // namespace

constinit const CrossEntropyKernels cross_entropy{.cross_entropy_forward = cross_entropy_forward,
                                                  .cross_entropy_backward = cross_entropy_backward};

}  // namespace tensor::cpu
