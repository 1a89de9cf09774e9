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

/// What is multiplied: y = activation(x weight^T + bias) + residual, as plain arrays.
struct Product {
  const MatmulLoops& loops;
  int64_t rows, inputs, outputs;
  const float* x;
  const float* panels;
  const float* bias;      // or null
  const float* residual;  // or null
  float* y;
  bool gelu;

  /// K with the zeros behind it, as it is in panels and packed rows.
  int64_t depth() const { return ceil_div(inputs, kDepth) * kDepth; }
};

/// How it is cut for the caches. Nothing here depends on the number of threads, and the order of a
/// sum on nothing here.
struct Plan {
  static constexpr int64_t kMostDepth = 1024;         // k in one go
  static constexpr int64_t kGroupFloats = 128 << 10;  // weights that stay in a core's L2 cache
  static constexpr int64_t kSumFloats = 28 << 10;     // sums that stay there beside them
  static constexpr int64_t kPassFloats = 4 << 20;     // packed rows, in the cache of all cores

  Division steps;     ///< of the groups of kDepth k
  Division blocks;    ///< of the rows
  Division groups;    ///< of the panels: a chunk of work is a group of panels
  Division sections;  ///< of the blocks: times a section of blocks

  explicit Plan(const Product& p) {
    const int64_t depth = p.depth(), panels = ceil_div(p.outputs, kColumns);
    const int64_t tile = p.loops.most_rows * kColumns;
    steps = {depth / kDepth, ceil_div(depth, kMostDepth)};
    blocks = {p.rows, ceil_div(p.rows, p.loops.most_rows)};
    // At least eight groups if possible, so that there is work for many threads; at most as many
    // panels as let sections have four blocks.
    const int64_t group = std::min({kGroupFloats / (std::min(depth, kMostDepth) * kColumns),
                                    ceil_div(panels, 8), kSumFloats / (4 * tile)});
    groups = {panels, ceil_div(panels, group)};
    sections = {blocks.parts, ceil_div(blocks.parts, kSumFloats / (group * tile))};
  }
};

/// A group of panels times a section of blocks. The panels come from memory once for each step and
/// are then used by one block after the other.
void multiply_chunk(const Product& p, const Plan& plan, const float* packed, int64_t group,
                    int64_t section) {
  alignas(64) float all_sums[Plan::kSumFloats];
  for (int64_t step = 0; step < plan.steps.parts; ++step) {
    const int64_t k = plan.steps.begin(step) * kDepth;
    const int64_t depth = plan.steps.begin(step + 1) * kDepth - k;
    const bool first = step == 0, last = step + 1 == plan.steps.parts;
    float* sums = all_sums;
    for (int64_t i = plan.sections.begin(section); i < plan.sections.begin(section + 1); ++i) {
      const int64_t row = plan.blocks.begin(i), rows = plan.blocks.begin(i + 1) - row;
      const float* block = packed + row * p.depth() + k * rows;
      for (int64_t n = plan.groups.begin(group); n < plan.groups.begin(group + 1); ++n) {
        const int64_t column = n * kColumns, place = row * p.outputs + column;
        if (last) {
          ask_for(p.y + place, rows, p.outputs);
          if (p.residual) ask_for(p.residual + place, rows, p.outputs);
        }
        const float* panel = p.panels + (n * p.depth() + k) * kColumns;
        p.loops.multiply(sums, block, panel, rows, depth, first);
        if (last) {
          p.loops.finish({.sums = sums,
                          .rows = rows,
                          .columns = std::min(kColumns, p.outputs - column),
                          .stride = p.outputs,
                          .y = p.y + place,
                          .bias = p.bias ? p.bias + column : nullptr,
                          .residual = p.residual ? p.residual + place : nullptr,
                          .gelu = p.gelu});
        }
        sums += rows * kColumns;
      }
    }
  }
}

/// The product of as many rows as `packed` holds.
void multiply(const Product& p, float* packed) {
  const Plan plan(p);
  base::parallel_for(plan.blocks.parts, 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = plan.blocks.begin(i), rows = plan.blocks.begin(i + 1) - row;
      pack_rows(packed + row * p.depth(), p.x + row * p.inputs, rows, p.inputs);
    }
  });
  base::parallel_for(plan.groups.parts * plan.sections.parts, 1, [&](int64_t chunk, int64_t) {
    const int64_t group = chunk / plan.sections.parts, section = chunk % plan.sections.parts;
    multiply_chunk(p, plan, packed, group, section);
  });
}

void matmul_forward(Tensor& y, const Tensor& x, const MatmulWeight& weight,
                    const MatmulEpilogue& epilogue) {
  const int64_t rows = x.dim(0), outputs = weight.outputs();
  const Tensor &bias = epilogue.bias, &residual = epilogue.residual;
  const Product all{.loops = isa().matmul,
                    .rows = rows,
                    .inputs = x.dim(1),
                    .outputs = outputs,
                    .x = x.data<float>(),
                    .panels = weight.panels().data<float>(),
                    .bias = bias.defined() ? bias.data<float>() : nullptr,
                    .residual = residual.defined() ? residual.data<float>() : nullptr,
                    .y = y.data<float>(),
                    .gelu = epilogue.activation == Activation::gelu};
  const int64_t most_rows = std::max(all.loops.most_rows, Plan::kPassFloats / all.depth());
  const Division passes{rows, ceil_div(rows, most_rows)};
  Tensor packed = Tensor::empty({ceil_div(rows, passes.parts), all.depth()});
  for (int64_t i = 0; i < passes.parts; ++i) {
    const int64_t first = passes.begin(i);
    Product pass = all;
    pass.rows = passes.begin(i + 1) - first;
    pass.x += first * all.inputs;
    pass.y += first * outputs;
    if (pass.residual) pass.residual += first * outputs;
    multiply(pass, packed.data<float>());
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
