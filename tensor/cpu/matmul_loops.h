// The inner loops of matrix products: a part of the table in isa.h, whose rules hold here too.
#pragma once

#include <cstdint>

#include "tensor/activation.h"

namespace tensor::cpu {

/// What becomes of a finished tile of sums [rows][MatmulLoops::columns]: the epilogue of matmul.h.
struct MatmulTile {
  const float* sums;
  int64_t rows;           ///< at most max_rows
  int64_t columns;        ///< at most MatmulLoops::columns
  int64_t stride;         ///< floats between rows of y, of residual and of pre_activation
  float* y;               ///< [rows][columns]
  const float* bias;      ///< [columns], or null
  const float* residual;  ///< [rows][columns], or null; may be y
  float* pre_activation;  ///< [rows][columns], or null
  Activation activation;
};

/// Products of blocks of rows, [K / depth][rows][depth], and panels of weights, [K][columns]; zeros
/// stand in for what is missing to a multiple of `depth`, and to `columns`. The three numbers are
/// what suits the registers of the instruction set.
struct MatmulLoops {
  int64_t max_rows;  ///< of a block
  int64_t columns;   ///< of a panel
  int64_t depth;
  /// sums[r, c] += sum over k of block[r, k] * panel[k, c], term by term in ascending k; or = where
  /// `start`, which is the same as from zeros. sums is [rows][MatmulLoops::columns], of which at
  /// least the first `columns` are computed; `inputs` is a multiple of `depth`.
  void (*multiply)(float* sums, const float* block, const float* panel, int64_t rows,
                   int64_t columns, int64_t inputs, bool start);
  void (*finish)(const MatmulTile& tile);
  /// Makes a block of `rows` <= max_rows rows [inputs], `stride` floats apart.
  void (*pack_rows)(float* block, const float* x, int64_t rows, int64_t inputs, int64_t stride);
  /// Makes the part [rows][depth] of a block of what x holds transposed, `count` <= depth inputs
  /// `stride` floats apart.
  void (*pack_columns)(float* block, const float* x, int64_t rows, int64_t count, int64_t stride);
  /// Makes a panel of `count` <= columns rows of a source [.., inputs].
  void (*pack_f32)(float* panel, const float* source, int64_t count, int64_t inputs);
  void (*pack_f16)(float* panel, const uint16_t* source, int64_t count, int64_t inputs);
  void (*pack_bf16)(float* panel, const uint16_t* source, int64_t count, int64_t inputs);
  /// Makes the part of a panel that `count` <= columns columns of `rows` rows of a source become,
  /// the rows `stride` elements apart. Zeros to a multiple of `depth` are up to the caller.
  void (*pack_transposed_f32)(float* panel, const float* source, int64_t count, int64_t rows,
                              int64_t stride);
  void (*pack_transposed_f16)(float* panel, const uint16_t* source, int64_t count, int64_t rows,
                              int64_t stride);
  void (*pack_transposed_bf16)(float* panel, const uint16_t* source, int64_t count, int64_t rows,
                               int64_t stride);
};

}  // namespace tensor::cpu
