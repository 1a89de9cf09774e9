// Cache-blocked multiplication (Goto and van de Geijn, Anatomy of High-Performance Matrix
// Multiplication, 2008): a thread keeps a group of weight panels in its L2 cache and streams the
// rows past it.
#include <algorithm>

#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/isa.h"

namespace tensor::cpu {
namespace {

int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

/// `count` things divided as evenly as possible: part i is [begin(i), begin(i + 1)).
struct Division {
  int64_t count, parts;
  int64_t begin(int64_t i) const { return i * count / parts; }
};

/// Has a tile of a matrix brought near while a product is under way: its short rows lie far apart,
/// and the processor does not foresee them.
void prefetch(const float* tile, int64_t rows, int64_t columns, int64_t stride) {
  constexpr int64_t kLine = 16;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; c += kLine) __builtin_prefetch(tile + r * stride + c);
  }
}

/// The left factor [rows, inputs] of a product: a matrix, or one read by its columns.
struct Rows {
  const float* data;
  int64_t stride;  ///< floats between rows of what lies in memory
  bool transposed = false;

  Rows from(int64_t row) const {
    return {data + row * (transposed ? 1 : stride), stride, transposed};
  }
};

/// What is multiplied: y = activation(x weight^T + bias) + residual, as plain arrays.
struct Product {
  const MatmulLoops& loops;
  int64_t rows, inputs, outputs;
  Rows x;
  const float* panels;
  float* y;
  const float* bias = nullptr;
  const float* residual = nullptr;
  float* pre_activation = nullptr;
  Activation activation = Activation::none;
  /// Sums over parts of K, each by itself, are added at the end: a gradient sums over outputs, of
  /// which a vocabulary has tens of thousands, and in one chain their rounding errors grow to 4e-4.
  bool in_parts = false;

  /// K with the zeros behind it, as it is in panels and packed rows.
  int64_t depth() const { return ceil_div(inputs, loops.depth) * loops.depth; }
};

/// How it is cut for the caches. Nothing here depends on the number of threads, and the order of a
/// sum on nothing here.
struct Plan {
  static constexpr int64_t kMaxDepth = 1024;          // k in one go
  static constexpr int64_t kGroupFloats = 128 << 10;  // weights that stay in a core's L2 cache
  static constexpr int64_t kSumFloats = 28 << 10;     // sums that stay there beside them
  static constexpr int64_t kPassFloats = 4 << 20;     // packed rows, in the cache of all cores
  static constexpr int64_t kChunks = 8;               // of work, or more: for that many threads

  Division steps;     ///< of the groups of loops.depth k
  Division blocks;    ///< of the rows
  Division groups;    ///< of the panels: a chunk of work is a group of panels
  Division sections;  ///< of the blocks: times a section of blocks

  explicit Plan(const Product& p) {
    const int64_t depth = p.depth(), panels = ceil_div(p.outputs, p.loops.columns);
    const int64_t tile = p.loops.max_rows * p.loops.columns;
    steps = {depth / p.loops.depth, ceil_div(depth, kMaxDepth)};
    blocks = {p.rows, ceil_div(p.rows, p.loops.max_rows)};
    // At most as many panels as let sections have four blocks.
    const int64_t group = std::min({kGroupFloats / (std::min(depth, kMaxDepth) * p.loops.columns),
                                    ceil_div(panels, kChunks), kSumFloats / (4 * tile)});
    groups = {panels, ceil_div(panels, group)};
    // A matrix of few columns is cut by rows instead, but not below four blocks.
    const int64_t few = std::min(ceil_div(kChunks, groups.parts), ceil_div(blocks.parts, 4));
    sections = {blocks.parts, std::max(few, ceil_div(blocks.parts, kSumFloats / (group * tile)))};
  }
};

/// Blocks [begin, end) of rows as the loops read them.
void pack_blocks(float* packed, const Product& p, const Plan& plan, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i) {
    const int64_t row = plan.blocks.begin(i), rows = plan.blocks.begin(i + 1) - row;
    p.loops.pack_rows(packed + row * p.depth(), p.x.from(row).data, rows, p.inputs, p.x.stride);
  }
}

/// The same of a left factor that is read by its columns: all blocks of a few k at once, because
/// neighbours share cache lines.
void pack_blocks_transposed(float* packed, const Product& p, const Plan& plan, int64_t begin,
                            int64_t end) {
  for (int64_t k = 0; k < p.inputs; k += p.loops.depth) {
    const float* x = p.x.data + k * p.x.stride;
    const int64_t count = std::min(p.loops.depth, p.inputs - k);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t row = plan.blocks.begin(i), rows = plan.blocks.begin(i + 1) - row;
      p.loops.pack_columns(packed + row * p.depth() + k * rows, x + row, rows, count, p.x.stride);
    }
  }
}

/// A group of panels times a section of blocks. The panels come from memory once for each step and
/// are then used by one block after the other.
void multiply_chunk(const Product& p, const Plan& plan, const float* packed, int64_t group,
                    int64_t section) {
  alignas(64) float all_sums[Plan::kSumFloats];
  const int64_t panel_columns = p.loops.columns;
  for (int64_t step = 0; step < plan.steps.parts; ++step) {
    const int64_t k = plan.steps.begin(step) * p.loops.depth;
    const int64_t depth = plan.steps.begin(step + 1) * p.loops.depth - k;
    const bool first = step == 0, last = step + 1 == plan.steps.parts;
    float* sums = all_sums;
    for (int64_t i = plan.sections.begin(section); i < plan.sections.begin(section + 1); ++i) {
      const int64_t row = plan.blocks.begin(i), rows = plan.blocks.begin(i + 1) - row;
      const float* block = packed + row * p.depth() + k * rows;
      for (int64_t n = plan.groups.begin(group); n < plan.groups.begin(group + 1); ++n) {
        const int64_t column = n * panel_columns, place = row * p.outputs + column;
        const int64_t columns = std::min(panel_columns, p.outputs - column);
        if (last) {
          prefetch(p.y + place, rows, columns, p.outputs);
          if (p.residual && p.residual != p.y)
            prefetch(p.residual + place, rows, columns, p.outputs);
          if (p.pre_activation) prefetch(p.pre_activation + place, rows, columns, p.outputs);
        }
        const float* panel = p.panels + (n * p.depth() + k) * panel_columns;
        p.loops.multiply(sums, block, panel, rows, columns, depth, first || p.in_parts);
        if (last || p.in_parts) {
          const float* residual = first || !p.in_parts ? p.residual : p.y;
          p.loops.finish({.sums = sums,
                          .rows = rows,
                          .columns = columns,
                          .stride = p.outputs,
                          .y = p.y + place,
                          .bias = p.bias ? p.bias + column : nullptr,
                          .residual = residual ? residual + place : nullptr,
                          .pre_activation = p.pre_activation ? p.pre_activation + place : nullptr,
                          .activation = p.activation});
        }
        sums += rows * panel_columns;
      }
    }
  }
}

/// The product of as many rows as `packed` holds.
void multiply_pass(const Product& p, float* packed) {
  const Plan plan(p);
  base::parallel_for(plan.blocks.parts, p.x.transposed ? 16 : 4, [&](int64_t begin, int64_t end) {
    (p.x.transposed ? pack_blocks_transposed : pack_blocks)(packed, p, plan, begin, end);
  });
  base::parallel_for(plan.groups.parts * plan.sections.parts, 1, [&](int64_t chunk, int64_t) {
    const int64_t group = chunk / plan.sections.parts, section = chunk % plan.sections.parts;
    multiply_chunk(p, plan, packed, group, section);
  });
}

void multiply(const Product& all) {
  const int64_t max_rows = std::max(all.loops.max_rows, Plan::kPassFloats / all.depth());
  const Division passes{all.rows, ceil_div(all.rows, max_rows)};
  Tensor packed = Tensor::empty({ceil_div(all.rows, passes.parts), all.depth()});
  for (int64_t i = 0; i < passes.parts; ++i) {
    const int64_t first = passes.begin(i), place = first * all.outputs;
    Product pass = all;
    pass.rows = passes.begin(i + 1) - first;
    pass.x = all.x.from(first);
    pass.y += place;
    if (pass.residual) pass.residual += place;
    if (pass.pre_activation) pass.pre_activation += place;
    multiply_pass(pass, packed.data<float>());
  }
}

const float* data_or_null(const Tensor& tensor) {
  return tensor.defined() ? tensor.data<float>() : nullptr;
}

void matmul_forward(Tensor& y, const Tensor& x, const MatmulWeight& weight,
                    const MatmulEpilogue& epilogue) {
  const Tensor panels = weight.panels();
  Tensor kept = epilogue.pre_activation;
  multiply({.loops = isa().matmul,
            .rows = x.dim(0),
            .inputs = x.dim(1),
            .outputs = weight.outputs(),
            .x = {x.data<float>(), x.dim(1)},
            .panels = panels.data<float>(),
            .y = y.data<float>(),
            .bias = data_or_null(epilogue.bias),
            .residual = data_or_null(epilogue.residual),
            .pre_activation = kept.defined() ? kept.data<float>() : nullptr,
            .activation = epilogue.activation});
}

void matmul_backward_input(const Gradient& dx, const Tensor& dy, const MatmulWeight& weight) {
  const Tensor panels = weight.panels({.order = PanelOrder::transposed});
  Tensor sum = dx.sum;
  float* to = sum.data<float>();
  multiply({.loops = isa().matmul,
            .rows = dy.dim(0),
            .inputs = dy.dim(1),
            .outputs = weight.inputs(),
            .x = {dy.data<float>(), dy.dim(1)},
            .panels = panels.data<float>(),
            .y = to,
            .residual = dx.add ? to : nullptr,
            .in_parts = true});
}

int64_t padded(int64_t inputs) {
  const int64_t depth = isa().matmul.depth;
  return ceil_div(inputs, depth) * depth;
}

/// Panels [panels][K][columns] of a matrix [inputs, outputs] that stands on the right of a product;
/// T is its element as the loops know it.
template <class T>
void pack_transposed(float* panels, const T* source, int64_t inputs, int64_t outputs,
                     void (*pack)(float*, const T*, int64_t, int64_t, int64_t)) {
  const int64_t columns = isa().matmul.columns, depth = padded(inputs);
  // A few rows go to all panels: the source is read as it lies.
  base::parallel_for(depth, 16 * isa().matmul.depth, [&](int64_t begin, int64_t end) {
    const int64_t rows = std::min(end, inputs) - begin;
    for (int64_t column = 0; column < outputs; column += columns) {
      float* panel = panels + column * depth + begin * columns;
      pack(panel, source + begin * outputs + column, std::min(columns, outputs - column), rows,
           outputs);
      std::fill(panel + rows * columns, panel + (end - begin) * columns, 0.0f);
    }
  });
}

/// sum (=|+=) the sums of the columns of dy [rows, columns].
void sum_columns(float* sum, bool add, const float* dy, int64_t rows, int64_t columns) {
  constexpr int64_t kGrain = 256;
  const auto add_row = isa().elementwise.add;
  base::parallel_for(columns, kGrain, [&](int64_t begin, int64_t end) {
    float sums[kGrain] = {};
    const int64_t count = end - begin;
    for (int64_t r = 0; r < rows; ++r) add_row(sums, sums, dy + r * columns + begin, count);
    if (add) add_row(sums, sums, sum + begin, count);
    std::copy_n(sums, count, sum + begin);
  });
}

/// The rows go by in chunks whose panels of x fit a cache. Each adds to what those before it left.
void matmul_backward_weight(const Gradient& dw, const Gradient& db, const Tensor& dy,
                            const Tensor& x) {
  constexpr int64_t kMinRows = 256, kMaxRows = 4096;
  const MatmulLoops& loops = isa().matmul;
  const int64_t rows = dy.dim(0), outputs = dy.dim(1), inputs = x.dim(1);
  const int64_t panels = ceil_div(inputs, loops.columns);
  // Counted in inputs, not in panels, whose width is an instruction set's affair.
  const int64_t chunk_rows = std::clamp(Plan::kPassFloats / inputs, kMinRows, kMaxRows);
  const Division chunks{rows, ceil_div(rows, chunk_rows)};
  Tensor dw_sum = dw.sum, db_sum = db.sum;
  float* to = dw.wanted() ? dw_sum.data<float>() : nullptr;
  float* bias_to = db.wanted() ? db_sum.data<float>() : nullptr;
  if (rows == 0) {
    if (to && !dw.add) std::fill_n(to, dw_sum.elements(), 0.0f);
    if (bias_to && !db.add) std::fill_n(bias_to, outputs, 0.0f);
    return;
  }
  Tensor packed;
  if (to) packed = Tensor::empty({panels, padded(ceil_div(rows, chunks.parts)), loops.columns});
  for (int64_t i = 0; i < chunks.parts; ++i) {
    const int64_t first = chunks.begin(i), count = chunks.begin(i + 1) - first;
    const float* dy_rows = dy.data<float>() + first * outputs;
    if (bias_to) sum_columns(bias_to, db.add || i > 0, dy_rows, count, outputs);
    if (!to) continue;
    pack_transposed(packed.data<float>(), x.data<float>() + first * inputs, count, inputs,
                    loops.pack_transposed_f32);
    multiply({.loops = loops,
              .rows = outputs,
              .inputs = count,
              .outputs = inputs,
              .x = {dy_rows, outputs, true},
              .panels = packed.data<float>(),
              .y = to,
              .residual = dw.add || i > 0 ? to : nullptr});
  }
}

Shape panel_shape(const Shape& source, PanelKind kind) {
  if (kind.precision != DType::f32) {
    throw base::DTypeError(
        base::str("MatmulWeight: panels of ", name_of(kind.precision), ", the CPU has f32"));
  }
  const MatmulLoops& loops = isa().matmul;
  int64_t outputs = source[0], inputs = source.elements() / outputs;
  if (kind.order == PanelOrder::transposed) std::swap(outputs, inputs);
  return {ceil_div(outputs, loops.columns), padded(inputs) / loops.depth, loops.depth,
          loops.columns};
}

/// Panels of some rows of a weight each, so that a mapped weight's pages can be given back at once
/// and it is never in memory twice as a whole.
template <class T>
void pack_forward(float* panels, const Tensor& source,
                  void (*pack)(float*, const T*, int64_t, int64_t)) {
  const int64_t outputs = source.dim(0), inputs = source.elements() / outputs;
  const int64_t columns = isa().matmul.columns, depth = padded(inputs);
  base::parallel_for(ceil_div(outputs, columns), 8, [&](int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; ++panel) {
      const int64_t column = panel * columns;
      pack(panels + column * depth, static_cast<const T*>(source.raw()) + column * inputs,
           std::min(columns, outputs - column), inputs);
    }
    source.slice(begin * columns, std::min(outputs, end * columns)).release_pages();
  });
}

Tensor pack(const Tensor& source, PanelKind kind) {
  const MatmulLoops& loops = isa().matmul;
  Tensor result = Tensor::empty(panel_shape(source.shape(), kind));
  float* to = result.data<float>();
  const auto pack_as =
      [&]<class T>(auto forward, void (*transposed)(float*, const T*, int64_t, int64_t, int64_t)) {
        if (kind.order == PanelOrder::forward) {
          pack_forward<T>(to, source, forward);
        } else {
          pack_transposed<T>(to, static_cast<const T*>(source.raw()), source.dim(0),
                             source.elements() / source.dim(0), transposed);
        }
      };
  switch (source.dtype()) {
    case DType::f16:
      pack_as(loops.pack_f16, loops.pack_transposed_f16);
      break;
    case DType::bf16:
      pack_as(loops.pack_bf16, loops.pack_transposed_bf16);
      break;
    default:
      pack_as(loops.pack_f32, loops.pack_transposed_f32);
  }
  return result;
}

}  // namespace

constinit const MatmulKernels matmul{.matmul_forward = matmul_forward,
                                     .matmul_backward_input = matmul_backward_input,
                                     .matmul_backward_weight = matmul_backward_weight,
                                     .pack = pack,
                                     .panel_shape = panel_shape};

}  // namespace tensor::cpu
