#include <algorithm>

#include "base/parallel.h"
#include "base/random.h"
#include "tensor/backend.h"
#include "tensor/cpu/rows.h"

namespace tensor::cpu {
namespace {

/// to = from with the mask of its rows, or += where `add`; to may be from unless `add`.
void mask_rows(float* to, const float* from, int64_t channels, const DropoutMask& mask, bool add) {
  constexpr int64_t kWords = 4;  // of one call of philox
  const auto limit = static_cast<uint64_t>(double{mask.probability} * 4294967296.0);
  const float factor = 1 / (1 - mask.probability);
  const std::array<uint32_t, 2> key{static_cast<uint32_t>(mask.key),
                                    static_cast<uint32_t>(mask.key >> 32)};
  const int32_t* const samples = mask.samples.data<int32_t>();
  const int32_t* const tokens = mask.tokens.data<int32_t>();
  const int64_t grain = std::max<int64_t>(1, 4096 / std::max<int64_t>(1, channels));
  base::parallel_for(mask.samples.elements(), grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float* const x = from + row * channels;
      float* const y = to + row * channels;
      for (int64_t c = 0; c < channels; c += kWords) {
        const auto words =
            base::philox({static_cast<uint32_t>(c / kWords), static_cast<uint32_t>(tokens[row]),
                          static_cast<uint32_t>(samples[row]), 0},
                         key);
        const int64_t count = std::min(kWords, channels - c);
        for (int64_t i = 0; i < count; ++i) {
          const float kept = words[static_cast<std::size_t>(i)] < limit ? 0 : x[c + i] * factor;
          y[c + i] = add ? y[c + i] + kept : kept;
        }
      }
    }
  });
}

int64_t channels_of(const Tensor& x) {
  return x.rank() == 0 ? 1 : x.dim(-1);
}

void dropout_forward(Tensor& y, const Tensor& x, const DropoutMask& mask) {
  mask_rows(y.data<float>(), x.data<float>(), channels_of(x), mask, false);
}

void dropout_backward(const Gradient& dx, const Tensor& dy, const DropoutMask& mask) {
  mask_rows(elements_of(dx), dy.data<float>(), channels_of(dy), mask, dx.add);
}

}  // namespace

constinit const DropoutKernels dropout{.dropout_forward = dropout_forward,
                                       .dropout_backward = dropout_backward};

}  // namespace tensor::cpu
