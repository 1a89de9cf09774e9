#include "tensor/cpu/isa.h"
#include "tensor/cpu/isa/math.h"
#include "tensor/cpu/isa/simd.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

constexpr int kColumns = MatmulLoops::kColumns, kDepth = MatmulLoops::kDepth;

// A tile of rows x 2 registers of sums, two registers of weights and one of a broadcast input must
// fit the machine's registers: 32 with AVX-512, 16 otherwise (and the baseline has no FMA, so a
// product needs one more).
#if defined(BLIP_ISA_AVX512)
constexpr int kRows = 14;
#elif defined(BLIP_ISA_AVX2)
constexpr int kRows = 6;
#else
constexpr int kRows = 4;
#endif

/// Registers side by side in a tile. Few rows take more of the panel's columns at once: there are
/// registers left, and a panel that comes from memory is then read in one pass.
constexpr int registers(int rows) {
  int count = 2;
  while (count * kLanes < kColumns && 2 * count * rows <= 2 * kRows) count *= 2;
  return count;
}

/// tile[r, c] = sum over k of rows[r, k] * panel[k, c] in ascending k, for `R` rows and `V`
/// registers of columns.
template <int R, int V>
inline void multiply(float* tile, const float* rows, const float* panel, int64_t groups) {
  Floats sums[R][V];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) sums[r][v] = Floats{};
  }
  for (int64_t group = 0; group < groups; ++group) {
#pragma GCC unroll 16
    for (int k = 0; k < kDepth; ++k) {
      Floats weights[V];
#pragma GCC unroll 16
      for (int v = 0; v < V; ++v) weights[v] = load(panel + k * kColumns + v * kLanes);
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) {
        const Floats input = broadcast(rows[r * kDepth + k]);
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) sums[r][v] += input * weights[v];
      }
    }
    rows += R * kDepth;
    panel += kDepth * kColumns;
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) store(tile + r * kColumns + v * kLanes, sums[r][v]);
  }
}

template <int R>
void multiply_rows(float* tile, const float* rows, const float* panel, int64_t groups) {
  constexpr int kStep = registers(R);
  for (int column = 0; column < kColumns; column += kStep * kLanes) {
    multiply<R, kStep>(tile + column, rows, panel + column, groups);
  }
}

/// Calls the one made for this number of rows.
template <int R = kRows>
void multiply_rows(int64_t count, float* tile, const float* rows, const float* panel,
                   int64_t groups) {
  if (count == R) {
    multiply_rows<R>(tile, rows, panel, groups);
  } else if constexpr (R > 1) {
    multiply_rows<R - 1>(count, tile, rows, panel, groups);
  }
}

void block(const MatmulBlock& b) {
  alignas(64) float tile[kRows * kColumns];
  multiply_rows(b.row_count, tile, b.rows, b.panel, (b.inputs + kDepth - 1) / kDepth);
  for (int64_t r = 0; r < b.row_count; ++r) {
    const int64_t first = r * b.stride;
    for (int64_t c = 0; c < b.columns; c += kLanes) {
      const int64_t rest = b.columns - c;
      const bool whole = rest >= kLanes;
      Floats value = load(tile + r * kColumns + c);
      if (b.bias) value += whole ? load(b.bias + c) : load_part(b.bias + c, rest);
      if (b.gelu) value = gelu(value);
      if (b.residual) {
        const float* residual = b.residual + first + c;
        value += whole ? load(residual) : load_part(residual, rest);
      }
      if (whole) {
        store(b.y + first + c, value);
      } else {
        store_part(b.y + first + c, value, rest);
      }
    }
  }
}

/// A panel is written in steps of a cache line of each source row: rows may lie a power of two
/// apart, and then share the places of the cache.
template <class T, Floats (*widen)(const T*)>
void pack(float* panel, const T* source, int64_t columns, int64_t inputs) {
  constexpr int kStep = 16;
  const int64_t padded = (inputs + kDepth - 1) / kDepth * kDepth;
  for (int64_t k = 0; k < padded; k += kStep) {
    const int64_t count = inputs - k < kStep ? inputs - k : kStep;
    const int64_t rows = padded - k < kStep ? padded - k : kStep;
    for (int64_t column = 0; column < kColumns; ++column) {
      float line[kStep] = {};
      if (column < columns) {
        T part[kStep] = {};
        const T* from = source + column * inputs + k;
        if (count < kStep) {
          for (int64_t i = 0; i < count; ++i) part[i] = from[i];
          from = part;
        }
        for (int i = 0; i < kStep; i += kLanes) store(line + i, widen(from + i));
      }
      for (int64_t i = 0; i < rows; ++i) panel[(k + i) * kColumns + column] = line[i];
    }
  }
}

}  // namespace

constinit const MatmulLoops matmul_loops{
    .most_rows = kRows,
    .block = block,
    .pack_f32 = pack<float, load>,
    .pack_f16 = pack<uint16_t, widen_half>,
    .pack_bf16 = pack<uint16_t, widen_bfloat16>,
};

}  // namespace tensor::cpu::BLIP_ISA
