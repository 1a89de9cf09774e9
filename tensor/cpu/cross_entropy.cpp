#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/isa.h"

namespace tensor::cpu {
namespace {

void cross_entropy_forward(Tensor& nll, Tensor& smooth, const Tensor& logits,
                           const Tensor& labels) {
  const int64_t rows = logits.dim(0), classes = logits.dim(1);
  const auto log_sum_exp = isa().softmax.log_sum_exp_row;
  const float* from = logits.data<float>();
  const int32_t* label = labels.data<int32_t>();
  float* losses = nll.data<float>();
  float* smooths = smooth.defined() ? smooth.data<float>() : nullptr;
  base::parallel_for(rows, 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      if (label[r] == kIgnoredLabel) {
        losses[r] = 0;
        if (smooths) smooths[r] = 0;
        continue;
      }
      const float* row = from + r * classes;
      float largest;
      const float log_sum = log_sum_exp(&largest, row, classes);
      losses[r] = log_sum - (row[label[r]] - largest);
      if (smooths) {
        double total = 0;
        for (int64_t v = 0; v < classes; ++v) total += row[v] - largest;
        smooths[r] = static_cast<float>(log_sum - total / static_cast<double>(classes));
      }
    }
  });
}

}  // namespace

constinit const CrossEntropyKernels cross_entropy{.cross_entropy_forward = cross_entropy_forward};

}  // namespace tensor::cpu
