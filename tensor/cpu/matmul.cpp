// Cache-blocked multiplication (Goto and van de Geijn, Anatomy of High-Performance Matrix
// Multiplication, 2008): a thread keeps a group of weight panels in its L2 cache and streams the
// rows past it.
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

/// Has a tile of a matrix brought near while a product is under way: its short rows lie far apart,
/// and the processor does not foresee them.
void ask_for(const float* tile, int64_t rows, int64_t stride) {
  constexpr int64_t kLine = 16;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < kColumns; c += kLine) __builtin_prefetch(tile + r * stride + c);
  }
}

/// How the product of some blocks of rows and the panels is cut for the caches. Nothing here
/// depends on the number of threads, and the order of a sum on nothing here.
struct Plan {
  static constexpr int64_t kMostDepth = 1024;         // k in one go
  static constexpr int64_t kGroupFloats = 128 << 10;  // weights that stay in a core's L2 cache
  static constexpr int64_t kSumFloats = 28 << 10;     // sums that stay there beside them
  static constexpr int64_t kPassFloats = 4 << 20;     // packed rows, in the cache of all cores

  Division depth;     ///< of the groups of kDepth k
  Division groups;    ///< of the panels: a chunk is a group of panels times a section of blocks
  Division sections;  ///< of the blocks

  Plan(int64_t padded, int64_t panels, int64_t blocks, int64_t most_rows) {
    depth = {padded / kDepth, ceil_div(padded, kMostDepth)};
    // At least eight groups if possible, so that there is work for many threads; at most as many
    // panels as let sections have four blocks.
    const int64_t tile = most_rows * kColumns;
    const int64_t most_panels = std::min({kGroupFloats / (std::min(padded, kMostDepth) * kColumns),
                                          ceil_div(panels, 8), kSumFloats / (4 * tile)});
    groups = {panels, ceil_div(panels, most_panels)};
    sections = {blocks, ceil_div(blocks, kSumFloats / (most_panels * tile))};
  }
};

void matmul_forward(Tensor& y, const Tensor& x, const MatmulWeight& weight,
                    const MatmulEpilogue& epilogue) {
  const int64_t all_rows = x.dim(0), inputs = x.dim(1), outputs = weight.outputs();
  const int64_t padded = ceil_div(inputs, kDepth) * kDepth, panels = ceil_div(outputs, kColumns);
  const MatmulLoops& loops = isa().matmul;
  const float* from = x.data<float>();
  const float* weights = weight.panels().data<float>();
  const float* bias = epilogue.bias.defined() ? epilogue.bias.data<float>() : nullptr;
  const float* residual = epilogue.residual.defined() ? epilogue.residual.data<float>() : nullptr;
  float* to = y.data<float>();

  const int64_t most_rows = std::max(loops.most_rows, Plan::kPassFloats / padded);
  const Division passes{all_rows, ceil_div(all_rows, most_rows)};
  Tensor scratch = Tensor::empty({ceil_div(all_rows, passes.parts), padded});
  float* packed = scratch.data<float>();
  for (int64_t pass = 0; pass < passes.parts; ++pass) {
    const int64_t first = passes.begin(pass), rows = passes.begin(pass + 1) - first;
    const Division blocks{rows, ceil_div(rows, loops.most_rows)};
    const auto block_rows = [&](int64_t i) { return blocks.begin(i + 1) - blocks.begin(i); };
    base::parallel_for(blocks.parts, 4, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t row = blocks.begin(i);
        pack_rows(packed + row * padded, from + (first + row) * inputs, block_rows(i), inputs);
      }
    });

    const Plan plan(padded, panels, blocks.parts, loops.most_rows);
    base::parallel_for(plan.groups.parts * plan.sections.parts, 1, [&](int64_t chunk, int64_t) {
      const int64_t group = chunk / plan.sections.parts, section = chunk % plan.sections.parts;
      const int64_t first_block = plan.sections.begin(section);
      const int64_t first_panel = plan.groups.begin(group);
      alignas(64) float all_sums[Plan::kSumFloats];
      for (int64_t part = 0; part < plan.depth.parts; ++part) {
        const int64_t k = plan.depth.begin(part) * kDepth;
        const int64_t depth = plan.depth.begin(part + 1) * kDepth - k;
        float* sums = all_sums;
        for (int64_t i = first_block; i < plan.sections.begin(section + 1); ++i) {
          const int64_t row = blocks.begin(i), count = block_rows(i);
          for (int64_t panel = first_panel; panel < plan.groups.begin(group + 1); ++panel) {
            const bool last = part + 1 == plan.depth.parts;
            const int64_t column = panel * kColumns, place = (first + row) * outputs + column;
            if (last) {
              ask_for(to + place, count, outputs);
              if (residual) ask_for(residual + place, count, outputs);
            }
            loops.multiply(sums, packed + row * padded + k * count,
                           weights + (panel * padded + k) * kColumns, count, depth, part == 0);
            if (last) {
              loops.finish({.sums = sums,
                            .rows = count,
                            .columns = std::min(kColumns, outputs - column),
                            .stride = outputs,
                            .y = to + place,
                            .bias = bias ? bias + column : nullptr,
                            .residual = residual ? residual + place : nullptr,
                            .gelu = epilogue.activation == Activation::gelu});
            }
            sums += count * kColumns;
          }
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
