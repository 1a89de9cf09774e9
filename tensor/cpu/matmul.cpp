// Cache-blocked multiplication (Goto and van de Geijn, Anatomy of High-Performance Matrix
// Multiplication, 2008) without a split of K, so that a sum never leaves its register: a thread
// keeps a group of weight panels in its L2 cache and streams the rows past it.
#include <algorithm>
#include <cstring>

#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/isa.h"

namespace tensor::cpu {
namespace {

constexpr int64_t kColumns = MatmulLoops::kColumns, kDepth = MatmulLoops::kDepth;

int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

/// `count` things divided as evenly as possible: part i is [begin(i), begin(i + 1)).
struct Division {
  int64_t count, parts;
  int64_t begin(int64_t i) const { return i * count / parts; }
};

/// A block of rows as the loops read it: [K / kDepth][rows][kDepth], zeros behind the last k.
void pack_rows(float* to, const float* x, int64_t rows, int64_t inputs) {
  const int64_t groups = inputs / kDepth, rest = inputs % kDepth;
  for (int64_t group = 0; group < groups; ++group) {
    for (int64_t r = 0; r < rows; ++r, to += kDepth) {
      std::memcpy(to, x + r * inputs + group * kDepth, kDepth * sizeof(float));
    }
  }
  if (rest == 0) return;
  for (int64_t r = 0; r < rows; ++r, to += kDepth) {
    std::fill(std::copy_n(x + r * inputs + groups * kDepth, rest, to), to + kDepth, 0.0f);
  }
}

void matmul_forward(Tensor& y, const Tensor& x, const MatmulWeight& weight,
                    const MatmulEpilogue& epilogue) {
  const int64_t all_rows = x.dim(0), inputs = x.dim(1), outputs = weight.outputs();
  const int64_t padded = ceil_div(inputs, kDepth) * kDepth;
  const MatmulLoops& loops = isa().matmul;
  const float* from = x.data<float>();
  const float* weights = weight.panels().data<float>();
  const float* bias = epilogue.bias.defined() ? epilogue.bias.data<float>() : nullptr;
  const float* residual = epilogue.residual.defined() ? epilogue.residual.data<float>() : nullptr;
  float* to = y.data<float>();

  // Rows go by in passes whose packed form stays in the cache that the cores share.
  constexpr int64_t kPassBytes = 16 << 20, kGroupBytes = 512 << 10, kChunks = 32;
  const int64_t panel_bytes = padded * kColumns * 4, panels = ceil_div(outputs, kColumns);
  const int64_t pass_limit = std::max(loops.most_rows, kPassBytes / (padded * 4));
  const Division passes{all_rows, ceil_div(all_rows, pass_limit)};
  const int64_t largest_pass = ceil_div(all_rows, passes.parts);
  Tensor packed_rows = Tensor::empty({largest_pass, padded});
  float* packed = packed_rows.data<float>();

  for (int64_t pass = 0; pass < passes.parts; ++pass) {
    const int64_t first = passes.begin(pass), rows = passes.begin(pass + 1) - first;
    const Division blocks{rows, ceil_div(rows, loops.most_rows)};
    base::parallel_for(blocks.parts, 4, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t row = blocks.begin(i);
        pack_rows(packed + row * padded, from + (first + row) * inputs, blocks.begin(i + 1) - row,
                  inputs);
      }
    });
    // A chunk is a group of panels times a section of the rows: enough of them for many threads,
    // each large enough to use a panel often while it is in the cache.
    const int64_t group_limit =
        std::clamp<int64_t>(kGroupBytes / panel_bytes, 1, std::max<int64_t>(1, panels / 16));
    const Division groups{panels, ceil_div(panels, group_limit)};
    const int64_t wanted = std::max<int64_t>(1, kChunks / groups.parts);
    const Division sections{blocks.parts, std::clamp<int64_t>(blocks.parts / 8, 1, wanted)};
    base::parallel_for(groups.parts * sections.parts, 1, [&](int64_t chunk, int64_t) {
      const int64_t group = chunk / sections.parts, section = chunk % sections.parts;
      for (int64_t i = sections.begin(section); i < sections.begin(section + 1); ++i) {
        const int64_t row = blocks.begin(i);
        for (int64_t panel = groups.begin(group); panel < groups.begin(group + 1); ++panel) {
          const int64_t column = panel * kColumns, place = (first + row) * outputs + column;
          loops.block({.rows = packed + row * padded,
                       .panel = weights + panel * padded * kColumns,
                       .row_count = blocks.begin(i + 1) - row,
                       .inputs = inputs,
                       .y = to + place,
                       .stride = outputs,
                       .columns = std::min(kColumns, outputs - column),
                       .bias = bias ? bias + column : nullptr,
                       .residual = residual ? residual + place : nullptr,
                       .gelu = epilogue.activation == Activation::gelu});
        }
      }
    });
  }
}

Tensor pack(const Tensor& source) {
  const int64_t outputs = source.dim(0), inputs = source.elements() / outputs;
  const int64_t panels = ceil_div(outputs, kColumns), padded = ceil_div(inputs, kDepth) * kDepth;
  const MatmulLoops& loops = isa().matmul;
  const auto* bytes = static_cast<const std::byte*>(source.raw());
  const int64_t row_bytes = inputs * static_cast<int64_t>(size_of(source.dtype()));
  Tensor result = Tensor::empty({panels, padded, kColumns});
  float* to = result.data<float>();
  base::parallel_for(panels, 8, [&](int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; ++panel) {
      const int64_t column = panel * kColumns, columns = std::min(kColumns, outputs - column);
      const std::byte* rows = bytes + column * row_bytes;
      float* at = to + column * padded;
      switch (source.dtype()) {
        case DType::f16:
          loops.pack_f16(at, reinterpret_cast<const uint16_t*>(rows), columns, inputs);
          break;
        case DType::bf16:
          loops.pack_bf16(at, reinterpret_cast<const uint16_t*>(rows), columns, inputs);
          break;
        default:
          loops.pack_f32(at, reinterpret_cast<const float*>(rows), columns, inputs);
      }
    }
    // At once, so that a mapped weight is never in memory twice as a whole.
    source.slice(begin * kColumns, std::min(outputs, end * kColumns)).release_pages();
  });
  return result;
}

}  // namespace

constinit const MatmulKernels matmul{.matmul_forward = matmul_forward, .pack = pack};

}  // namespace tensor::cpu
