#include "tensor/cpu/isa.h"
#include "tensor/cpu/isa/math.h"
#include "tensor/cpu/isa/simd.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

/// A panel's, and how many k of a row stand together in a block.
constexpr int kColumns = 32, kDepth = 4;

// A tile of kMaxRows x 2 registers of sums, two registers of weights and one of an input must fit
// the machine's registers. (The baseline has no FMA, so a product needs one more.)
#if defined(BLIP_ISA_AVX512)
constexpr int kMaxRows = 14, kRegisters = 32;
#elif defined(BLIP_ISA_AVX2)
constexpr int kMaxRows = 6, kRegisters = 16;
#else
constexpr int kMaxRows = 4, kRegisters = 16;
#endif

/// Registers side by side in a tile. Few rows take more of the panel's columns at once: there are
/// registers left, and a panel that comes from memory is then read in one pass.
constexpr int registers(int rows) {
  int count = 2;
  while (count * kLanes < kColumns && 2 * count * (rows + 1) + 2 <= kRegisters) count *= 2;
  return count;
}

/// How many k ahead of their use weights and inputs are prefetched: 12 KiB at most, which hides the
/// way from memory and leaves most of the first cache alone. (The processor foresees them too, but
/// not beyond the end of a page.)
constexpr int kAhead = 64, kLineFloats = 16;

/// MatmulLoops::multiply for `R` rows and `V` registers of columns. Every loop over sums is
/// unrolled, or the compiler keeps them in memory.
template <int R, int V>
inline void multiply(float* tile, const float* block, const float* panel, int64_t inputs,
                     bool start) {
  Floats sums[R][V];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) {
      sums[r][v] = start ? Floats{} : load(tile + r * kColumns + v * kLanes);
    }
  }
  for (int64_t first = 0; first < inputs; first += kDepth) {
#pragma GCC unroll 16
    for (int k = 0; k < kDepth; ++k, panel += kColumns) {
      for (int c = 0; c < V * kLanes; c += kLineFloats) {
        __builtin_prefetch(panel + kAhead * kColumns + c);
      }
      Floats weights[V];
#pragma GCC unroll 16
      for (int v = 0; v < V; ++v) weights[v] = load(panel + v * kLanes);
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) {
        const Floats input = broadcast(block[r * kDepth + k]);
#pragma GCC unroll 16
        for (int v = 0; v < V; ++v) sums[r][v] = multiply_add(input, weights[v], sums[r][v]);
      }
    }
    for (int i = 0; i < R * kDepth; i += kLineFloats) {
      __builtin_prefetch(block + kAhead * R + i);
    }
    block += R * kDepth;
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 16
    for (int v = 0; v < V; ++v) store(tile + r * kColumns + v * kLanes, sums[r][v]);
  }
}

template <int R = kMaxRows>
void multiply_rows(float* sums, const float* block, const float* panel, int64_t rows,
                   int64_t columns, int64_t inputs, bool start) {
  if (rows == R) {
    constexpr int kStep = registers(R);
    for (int column = 0; column < columns; column += kStep * kLanes) {
      multiply<R, kStep>(sums + column, block, panel + column, inputs, start);
    }
  } else if constexpr (R > 1) {
    multiply_rows<R - 1>(sums, block, panel, rows, columns, inputs, start);
  }
}

template <Activation kActivation>
inline Floats activate(Floats x) {
  if constexpr (kActivation == Activation::gelu) return gelu(x);
  if constexpr (kActivation == Activation::gelu_tanh) return gelu_tanh(x);
  if constexpr (kActivation == Activation::gelu_quick) return gelu_quick(x);
  return x;
}

template <Activation kActivation>
void finish_with(const MatmulTile& tile) {
  for (int64_t r = 0; r < tile.rows; ++r) {
    for (int64_t c = 0; c < tile.columns; c += kLanes) {
      const int64_t place = r * tile.stride + c, rest = tile.columns - c;
      const bool whole = rest >= kLanes;
      const auto put = [&](float* to, Floats value) {
        if (whole) {
          store(to, value);
        } else {
          store_part(to, value, rest);
        }
      };
      Floats value = load(tile.sums + r * kColumns + c);
      if (tile.bias) value += whole ? load(tile.bias + c) : load_part(tile.bias + c, rest);
      if (tile.pre_activation) put(tile.pre_activation + place, value);
      value = activate<kActivation>(value);
      if (tile.residual) {
        const float* residual = tile.residual + place;
        value += whole ? load(residual) : load_part(residual, rest);
      }
      put(tile.y + place, value);
    }
  }
}

void finish(const MatmulTile& tile) {
  switch (tile.activation) {
    case Activation::none:
      return finish_with<Activation::none>(tile);
    case Activation::gelu:
      return finish_with<Activation::gelu>(tile);
    case Activation::gelu_tanh:
      return finish_with<Activation::gelu_tanh>(tile);
    case Activation::gelu_quick:
      return finish_with<Activation::gelu_quick>(tile);
  }
}

void pack_rows(float* block, const float* x, int64_t rows, int64_t inputs, int64_t stride) {
  const int64_t whole = inputs / kDepth * kDepth;
  for (int64_t k = 0; k < whole; k += kDepth) {
    for (int64_t r = 0; r < rows; ++r, block += kDepth) {
      __builtin_memcpy(block, x + r * stride + k, kDepth * sizeof(float));
    }
  }
  if (whole == inputs) return;
  for (int64_t r = 0; r < rows; ++r, block += kDepth) {
    for (int k = 0; k < kDepth; ++k) block[k] = whole + k < inputs ? x[r * stride + whole + k] : 0;
  }
}

void pack_columns(float* block, const float* x, int64_t rows, int64_t count, int64_t stride) {
  if (count == kDepth) {
    for (int64_t r = 0; r < rows; ++r) {
      for (int k = 0; k < kDepth; ++k) block[r * kDepth + k] = x[k * stride + r];
    }
  } else {
    for (int64_t r = 0; r < rows; ++r) {
      for (int k = 0; k < kDepth; ++k) block[r * kDepth + k] = k < count ? x[k * stride + r] : 0;
    }
  }
}

/// A panel is written in steps of a cache line of each source row: rows may lie a power of two
/// apart, and then share the places of the cache.
template <class T, Floats (*widen)(const T*)>
void pack(float* panel, const T* source, int64_t count, int64_t inputs) {
  constexpr int kStep = 16;
  const int64_t padded = (inputs + kDepth - 1) / kDepth * kDepth;
  for (int64_t k = 0; k < padded; k += kStep) {
    const int64_t length = inputs - k < kStep ? inputs - k : kStep;
    const int64_t rows = padded - k < kStep ? padded - k : kStep;
    for (int64_t column = 0; column < kColumns; ++column) {
      float line[kStep] = {};
      if (column < count) {
        T part[kStep] = {};
        const T* from = source + column * inputs + k;
        if (length < kStep) {
          for (int64_t i = 0; i < length; ++i) part[i] = from[i];
          from = part;
        }
        for (int i = 0; i < kStep; i += kLanes) store(line + i, widen(from + i));
      }
      for (int64_t i = 0; i < rows; ++i) panel[(k + i) * kColumns + column] = line[i];
    }
  }
}

template <class T, Floats (*widen)(const T*)>
void pack_transposed(float* panel, const T* source, int64_t count, int64_t rows, int64_t stride) {
  const int64_t whole = count / kLanes * kLanes;
  for (int64_t r = 0; r < rows; ++r, panel += kColumns, source += stride) {
    for (int64_t c = 0; c < whole; c += kLanes) store(panel + c, widen(source + c));
    for (int64_t c = whole; c < kColumns; c += kLanes) {
      T part[kLanes] = {};
      for (int64_t i = 0; c + i < count && i < kLanes; ++i) part[i] = source[c + i];
      store(panel + c, widen(part));
    }
  }
}

}  // namespace

constinit const MatmulLoops matmul_loops{
    .max_rows = kMaxRows,
    .columns = kColumns,
    .depth = kDepth,
    .multiply = multiply_rows,
    .finish = finish,
    .pack_rows = pack_rows,
    .pack_columns = pack_columns,
    .pack_f32 = pack<float, load>,
    .pack_f16 = pack<uint16_t, widen_half>,
    .pack_bf16 = pack<uint16_t, widen_bfloat16>,
    .pack_transposed_f32 = pack_transposed<float, load>,
    .pack_transposed_f16 = pack_transposed<uint16_t, widen_half>,
    .pack_transposed_bf16 = pack_transposed<uint16_t, widen_bfloat16>,
};

}  // namespace tensor::cpu::BLIP_ISA
