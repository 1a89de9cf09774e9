#include <type_traits>  // integral_constant
#include <utility>      // integer_sequence

#include "tensor/cpu/isa.h"
#include "tensor/cpu/isa/math.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

constexpr int64_t kPanelKeys = 2 * kLanes;

// Keys that share their accumulators in add_rows: kKeyGroup times two registers.
constexpr int64_t kKeyGroup = kLanes == 16 ? 8 : 4;

// Rows times two registers are the accumulators; the rest holds two registers of keys or values and
// a broadcast factor. AVX-512 has 32 registers, the others 16.
constexpr int64_t kMaxRows = kLanes == 16 ? 14 : 6;
constexpr int64_t kQueryStride = (kMaxRows + kLanes - 1) / kLanes * kLanes;

int64_t padded_rows(int64_t rows) {
  if (rows <= 2) return rows;
  if (rows <= 4) return 4;
  return kLanes == 16 && rows <= 8 ? 8 : kMaxRows;
}

// The rows of one head lie far apart, which the processor's own prefetching does not see through:
// they are asked for this many rows before their use. An address past the end does no harm.
constexpr int64_t kRowsAhead = 16;

void prefetch(const float* from, int64_t count) {
  for (int64_t i = 0; i < count; i += 16) __builtin_prefetch(from + i);
}

/// Calls f with the number of rows as a compile-time constant.
template <class F>
void with_rows(int64_t rows, const F& f) {
  switch (rows) {
    case 1:
      return f(std::integral_constant<int, 1>{});
    case 2:
      return f(std::integral_constant<int, 2>{});
    case 4:
      return f(std::integral_constant<int, 4>{});
    case 8:
      if constexpr (kLanes == 16) return f(std::integral_constant<int, 8>{});
      [[fallthrough]];
    default:
      return f(std::integral_constant<int, kMaxRows>{});
  }
}

// One step of a transposition in registers: rows i and i + W exchange the off-diagonal W x W
// blocks.
template <int W, int... L>
Floats exchange_low(Floats a, Floats b, std::integer_sequence<int, L...>) {
  return __builtin_shufflevector(a, b, ((L & W) ? L - W + kLanes : L)...);
}
template <int W, int... L>
Floats exchange_high(Floats a, Floats b, std::integer_sequence<int, L...>) {
  return __builtin_shufflevector(a, b, ((L & W) ? L + kLanes : L + W)...);
}

template <int W = kLanes / 2>
void transpose(Floats (&rows)[kLanes]) {
  constexpr auto kAll = std::make_integer_sequence<int, kLanes>{};
#pragma GCC unroll 16
  for (int i = 0; i < kLanes; ++i) {
    if (i & W) continue;
    const Floats a = rows[i], b = rows[i + W];
    rows[i] = exchange_low<W>(a, b, kAll);
    rows[i + W] = exchange_high<W>(a, b, kAll);
  }
  if constexpr (W > 1) transpose<W / 2>(rows);
}

/// to[d * stride + i] = factor * rows[i][d] for kLanes rows; zeros where a row is null.
void transpose_rows(float* to, int64_t stride, const float* const* rows, int64_t head_dim,
                    float factor) {
  const int64_t whole = head_dim / kLanes * kLanes, rest = head_dim - whole;
  Floats block[kLanes];
  for (int64_t d = 0; d < whole; d += kLanes) {
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) block[i] = rows[i] ? load(rows[i] + d) * factor : Floats{};
    transpose(block);
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) store(to + (d + i) * stride, block[i]);
  }
  if (!rest) return;
  for (int i = 0; i < kLanes; ++i) {
    block[i] = rows[i] ? load_part(rows[i] + whole, rest) * factor : Floats{};
  }
  transpose(block);
  for (int64_t i = 0; i < rest; ++i) store(to + (whole + i) * stride, block[i]);
}

void pack_queries(float* packed, const float* const* rows, int64_t count, int64_t head_dim,
                  float scale) {
  for (int64_t first = 0; first < kQueryStride; first += kLanes) {
    const float* part[kLanes];
    for (int64_t i = 0; i < kLanes; ++i) part[i] = first + i < count ? rows[first + i] : nullptr;
    transpose_rows(packed + first, kQueryStride, part, head_dim, scale);
  }
}

void pack_keys(float* panel, const float* keys, int64_t row_stride, int64_t count,
               int64_t head_dim) {
  for (int64_t first = 0; first < kPanelKeys; first += kLanes) {
    const float* part[kLanes];
    for (int64_t i = 0; i < kLanes; ++i) {
      const float* key = keys + (first + i) * row_stride;
      part[i] = first + i < count ? key : nullptr;
      prefetch(key + kPanelKeys * row_stride, head_dim);
    }
    transpose_rows(panel + first, kPanelKeys, part, head_dim, 1);
  }
}

template <int Rows>
void scores_of(float* tile, const float* queries, const float* panel, int64_t head_dim) {
  Floats sums[Rows][2];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) sums[r][0] = sums[r][1] = Floats{};
  for (int64_t d = 0; d < head_dim; ++d) {
    const Floats left = load(panel + d * kPanelKeys), right = load(panel + d * kPanelKeys + kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const Floats q = broadcast(queries[d * kQueryStride + r]);
      sums[r][0] = multiply_add(q, left, sums[r][0]);
      sums[r][1] = multiply_add(q, right, sums[r][1]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    store(tile + r * kPanelKeys, sums[r][0]);
    store(tile + r * kPanelKeys + kLanes, sums[r][1]);
  }
}

void scores(float* tile, const float* queries, const float* panel, int64_t rows, int64_t head_dim) {
  with_rows(rows, [&](auto count) { scores_of<count()>(tile, queries, panel, head_dim); });
}

/// x where lane < count, else `fill`.
Floats keep(Floats x, int64_t count, float fill) {
  Ints lane{};
  for (int i = 0; i < kLanes; ++i) lane[i] = i;
  return lane < static_cast<int32_t>(count) ? x : broadcast(fill);
}

float exponentials(float* largest_score, float* tiles, int64_t rows, int64_t row, int64_t visible) {
  const int64_t step = rows * kPanelKeys, whole = visible / kPanelKeys, rest = visible % kPanelKeys;
  float* const first = tiles + row * kPanelKeys;
  float* const last = first + whole * step;
  const float hidden = -__builtin_inff();

  Floats left = broadcast(hidden), right = left;
  for (float* x = first; x != last; x += step) {
    left = max(load(x), left);
    right = max(load(x + kLanes), right);
  }
  if (rest) {
    left = max(keep(load(last), rest, hidden), left);
    right = max(keep(load(last + kLanes), rest - kLanes, hidden), right);
  }
  const float largest = *largest_score = max_of(max(left, right));

  left = right = Floats{};
  for (float* x = first; x != last; x += step) {
    const Floats a = exp(load(x) - largest), b = exp(load(x + kLanes) - largest);
    left += a;
    right += b;
    store(x, a);
    store(x + kLanes, b);
  }
  if (rest) {
    const Floats a = keep(exp(load(last) - largest), rest, 0);
    const Floats b = keep(exp(load(last + kLanes) - largest), rest - kLanes, 0);
    left += a;
    right += b;
    store(last, a);
    store(last + kLanes, b);
  }
  return sum(left + right);
}

/// Columns [0, Registers * kLanes) of add_values.
template <int Rows, int Registers>
void add_values_of(float* sums, int64_t columns, const float* tiles, int64_t step,
                   const float* values, int64_t row_stride, int64_t begin, int64_t end) {
  Floats total[Rows][Registers];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 16
    for (int i = 0; i < Registers; ++i) total[r][i] = load(sums + r * columns + i * kLanes);
  }
  for (int64_t key = begin; key < end;) {
    const float* tile = tiles + key / kPanelKeys * step;
    const int64_t panel_begin = key / kPanelKeys * kPanelKeys;
    const int64_t panel_end = panel_begin + kPanelKeys < end ? panel_begin + kPanelKeys : end;
    for (; key < panel_end; ++key) {
      const float* value = values + key * row_stride;
      Floats v[Registers];
#pragma GCC unroll 16
      for (int i = 0; i < Registers; ++i) v[i] = load(value + i * kLanes);
      if constexpr (Registers > 2) prefetch(value + kRowsAhead * row_stride, Registers * kLanes);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
        const Floats weight = broadcast(tile[r * kPanelKeys + key - panel_begin]);
#pragma GCC unroll 16
        for (int i = 0; i < Registers; ++i) total[r][i] = multiply_add(weight, v[i], total[r][i]);
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 16
    for (int i = 0; i < Registers; ++i) store(sums + r * columns + i * kLanes, total[r][i]);
  }
}

void add_values(float* sums, const float* tiles, int64_t tile_rows, const float* values,
                int64_t row_stride, int64_t rows, int64_t begin, int64_t end, int64_t columns) {
  const int64_t step = tile_rows * kPanelKeys;
  with_rows(rows, [&](auto count) {
    constexpr int kRows = decltype(count)::value;
    int64_t c = 0;
    // With few rows there are registers for more columns, and values from memory are read at once.
    if constexpr (2 * kRows <= kMaxRows) {
      for (; c + 2 * kPanelKeys <= columns; c += 2 * kPanelKeys) {
        add_values_of<kRows, 4>(sums + c, columns, tiles, step, values + c, row_stride, begin, end);
      }
    }
    for (; c < columns; c += kPanelKeys) {
      add_values_of<kRows, 2>(sums + c, columns, tiles, step, values + c, row_stride, begin, end);
    }
  });
}

void scale(float* to, const float* from, float factor, int64_t count) {
  const int64_t whole = count / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) store(to + i, load(from + i) * factor);
  for (int64_t i = whole; i < count; ++i) to[i] = from[i] * factor;
}

void scale_add(float* to, const float* from, float factor, int64_t count) {
  const int64_t whole = count / kLanes * kLanes;
  const Floats factors = broadcast(factor);
  for (int64_t i = 0; i < whole; i += kLanes) {
    store(to + i, multiply_add(factors, load(from + i), load(to + i)));
  }
  for (int64_t i = whole; i < count; ++i) to[i] += from[i] * factor;
}

float dot(const float* a, const float* b, int64_t count) {
  const int64_t whole = count / kLanes * kLanes;
  Floats total{};
  for (int64_t i = 0; i < whole; i += kLanes) total = multiply_add(load(a + i), load(b + i), total);
  if (whole < count) {
    const int64_t rest = count - whole;
    total = multiply_add(load_part(a + whole, rest), load_part(b + whole, rest), total);
  }
  return sum(total);
}

void differentiate(float* scores, float* products, int64_t rows, const float* logsumexp,
                   const float* delta, const int64_t* visible) {
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t lane = 0; lane < kPanelKeys; lane += kLanes) {
      float* const score = scores + r * kPanelKeys + lane;
      Floats p = exp(load(score) - logsumexp[r]);
      // A choice, not a factor: what stands at a hidden key may be NaN.
      if (visible[r] < kPanelKeys) p = keep(p, visible[r] - lane, 0);
      store(score, p);
      if (!products) continue;
      float* const product = products + r * kPanelKeys + lane;
      Floats gradient = p * (load(product) - delta[r]);
      if (visible[r] < kPanelKeys) gradient = keep(gradient, visible[r] - lane, 0);
      store(product, gradient);
    }
  }
}

/// Columns [0, Registers * kLanes) of add_rows.
template <int Keys, int Registers>
void add_rows_of(float* sums, const float* tile, const float* rows, int64_t begin, int64_t end,
                 int64_t columns) {
  Floats total[Keys][Registers];
#pragma GCC unroll 16
  for (int k = 0; k < Keys; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < Registers; ++i) total[k][i] = load(sums + k * columns + i * kLanes);
  }
  for (int64_t r = begin; r < end; ++r) {
    Floats row[Registers];
#pragma GCC unroll 16
    for (int i = 0; i < Registers; ++i) row[i] = load(rows + r * columns + i * kLanes);
#pragma GCC unroll 16
    for (int k = 0; k < Keys; ++k) {
      const Floats weight = broadcast(tile[r * kPanelKeys + k]);
#pragma GCC unroll 16
      for (int i = 0; i < Registers; ++i) total[k][i] = multiply_add(weight, row[i], total[k][i]);
    }
  }
#pragma GCC unroll 16
  for (int k = 0; k < Keys; ++k) {
#pragma GCC unroll 16
    for (int i = 0; i < Registers; ++i) store(sums + k * columns + i * kLanes, total[k][i]);
  }
}

void add_rows(float* sums, const float* tile, const float* rows, int64_t begin, int64_t end,
              int64_t keys, int64_t columns) {
  for (int64_t c = 0; c < columns; c += kPanelKeys) {
    if (keys == kKeyGroup) {
      add_rows_of<kKeyGroup, 2>(sums + c, tile, rows + c, begin, end, columns);
    } else {
      add_rows_of<1, 2>(sums + c, tile, rows + c, begin, end, columns);
    }
  }
}

}  // namespace

constinit const AttentionLoops attention_loops{.panel_keys = kPanelKeys,
                                               .max_rows = kMaxRows,
                                               .query_stride = kQueryStride,
                                               .padded_rows = padded_rows,
                                               .pack_queries = pack_queries,
                                               .pack_keys = pack_keys,
                                               .scores = scores,
                                               .exponentials = exponentials,
                                               .add_values = add_values,
                                               .scale = scale,
                                               .key_group = kKeyGroup,
                                               .scale_add = scale_add,
                                               .dot = dot,
                                               .differentiate = differentiate,
                                               .add_rows = add_rows};

}  // namespace tensor::cpu::BLIP_ISA
