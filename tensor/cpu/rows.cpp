#include "tensor/cpu/rows.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/parallel.h"
#include "tensor/cpu/isa.h"

namespace tensor::cpu {

void put(float* to, const float* from, int64_t count, bool add) {
  if (add) {
    isa().elementwise.add(to, to, from, count);
  } else {
    std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
  }
}

void sum_rows(const Gradient& sum, const Tensor& from, const Tensor& rows) {
  const int64_t count = sum.sum.dim(0);
  if (sum.sum.elements() == 0) return;
  const int64_t width = sum.sum.elements() / count;
  // Sorted by where they go: those of row r are sources[first[r]] .. sources[first[r + 1]], in the
  // order in which they came. So rows can be summed side by side without atomic additions.
  const std::span<const int32_t> targets = rows.span<int32_t>();
  std::vector<int32_t> first(static_cast<std::size_t>(count) + 1, 0), sources(targets.size());
  for (const int32_t target : targets) ++first[static_cast<std::size_t>(target) + 1];
  for (std::size_t r = 1; r < first.size(); ++r) first[r] += first[r - 1];
  std::vector<int32_t> next = first;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto place = next[static_cast<std::size_t>(targets[i])]++;
    sources[static_cast<std::size_t>(place)] = static_cast<int32_t>(i);
  }

  float* to = elements_of(sum);
  const float* read = from.data<float>();
  base::parallel_for(count, std::max<int64_t>(1, 16384 / width), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const auto row = static_cast<std::size_t>(r);
      float* target = to + r * width;
      if (first[row] == first[row + 1] && !sum.add) std::fill_n(target, width, 0.0f);
      for (int32_t i = first[row]; i < first[row + 1]; ++i) {
        put(target, read + int64_t{sources[static_cast<std::size_t>(i)]} * width, width,
            sum.add || i > first[row]);
      }
    }
  });
}

}  // namespace tensor::cpu
