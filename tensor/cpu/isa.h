// The inner loops of the CPU kernels, one table for each instruction set. The files of
// `tensor/cpu/isa/` are compiled once per set with that set's flags, `table.cpp` among them;
// everything around the loops (shapes, blocking, threads) is compiled once, in `tensor/cpu/`. A set
// may have loops for some families only: its table takes the others from the set below it.
//
// The loops take plain pointers and lengths, and the files that define them include nothing with
// inline functions of external linkage: the linker could keep the AVX-512 copy of such a function
// for a machine that has none. A test reads the object files for it.
#pragma once

#include <cstdint>
#include <span>

#include "tensor/cpu/matmul_loops.h"

namespace tensor::cpu {

struct ElementwiseLoops {
  /// y = a + b; y may be an input.
  void (*add)(float* y, const float* a, const float* b, int64_t count);
  /// y = factor * x, or += where `to_add`; y may be x.
  void (*scale)(float* y, const float* x, float factor, int64_t count, bool to_add);
  /// activation_forward; y may be x.
  void (*activation)(float* y, const float* x, int64_t count, Activation activation);
  /// activation_backward, dx set or added to; dx may be dy.
  void (*activation_backward)(float* dx, const float* dy, const float* x, int64_t count,
                              Activation activation, bool add);
};

struct NormLoops {
  /// One row of layer_norm_forward; y may be x.
  void (*layer_norm_row)(float* y, float* mean, float* rstd, const float* x, const float* weight,
                         const float* bias, int64_t channels, float eps);
  /// One row of layer_norm_backward; dx may be dy, dx, dw and db null. dw and db are added to, dx
  /// is where `add`.
  void (*layer_norm_backward_row)(float* dx, float* dw, float* db, const float* dy, const float* x,
                                  const float* weight, float mean, float rstd, int64_t channels,
                                  bool add);
};

/// What a step of AdamW does to each element of a tensor (tensor/optimizer.h).
struct AdamwFactors {
  float beta1, beta2, gradient_scale;
  float keep;          ///< 1 - rate w
  float step_size;     ///< rate / (1 - beta1^t)
  float second_scale;  ///< 1 / sqrt(1 - beta2^t)
  float epsilon;
};

struct OptimizerLoops {
  void (*adamw)(float* value, float* first, float* second, const float* gradient, int64_t count,
                const AdamwFactors& factors);
};

struct ReduceLoops {
  double (*sum_of_squares)(const float* x, int64_t count);
};

struct SoftmaxLoops {
  /// One row of softmax_forward or log_softmax_forward; y may be x.
  void (*softmax_row)(float* y, const float* x, int64_t channels);
  void (*log_softmax_row)(float* y, const float* x, int64_t channels);
  /// log sum exp(x - largest), and the largest.
  float (*log_sum_exp_row)(float* largest, const float* x, int64_t channels);
  /// One row of softmax_backward or log_softmax_backward, dx set or added to; dx may be dy.
  void (*softmax_backward_row)(float* dx, const float* dy, const float* y, int64_t channels,
                               bool add);
  void (*log_softmax_backward_row)(float* dx, const float* dy, const float* y, int64_t channels,
                                   bool add);
  /// dx = scale * exp(x - log_sum) + shift, or += where `add`; dx may be x.
  void (*scaled_exp_row)(float* dx, const float* x, int64_t channels, float log_sum, float scale,
                         float shift, bool add);
};

/// Attention of a block of query rows to the keys of one head. Keys come in panels of `panel_keys`,
/// [head_dim][panel_keys], queries [head_dim][query_stride], scores in tiles [rows][panel_keys],
/// one for each panel. `rows` below is a number that `padded_rows` gave.
///
/// Whatever the number of rows: a score is one sum over head_dim in ascending order, an output one
/// sum over the keys in ascending order, and the sum of a row's exponentials depends on the places
/// of the keys in their panels alone.
struct AttentionLoops {
  int64_t panel_keys;
  int64_t max_rows;
  int64_t query_stride;
  /// The smallest number of rows >= `rows` that the loops are made for; rows <= max_rows.
  int64_t (*padded_rows)(int64_t rows);
  /// Transposes `count` <= max_rows query rows, multiplied by `scale`, the rest zeros.
  void (*pack_queries)(float* packed, const float* const* rows, int64_t count, int64_t head_dim,
                       float scale);
  /// Transposes `count` <= panel_keys keys into a panel, the rest of it zeros.
  void (*pack_keys)(float* panel, const float* keys, int64_t row_stride, int64_t count,
                    int64_t head_dim);
  /// tile = queries^T panel.
  void (*scores)(float* tile, const float* queries, const float* panel, int64_t rows,
                 int64_t head_dim);
  /// Row `row` of the tiles becomes exp(score - largest score) where key < visible, else 0, up to
  /// the end of the panel of key `visible - 1`. Returns the sum; visible > 0.
  float (*exponentials)(float* largest_score, float* tiles, int64_t rows, int64_t row,
                        int64_t visible);
  /// sums[row] += sum of tile[row, key] * values[key] over the keys [begin, end), for `rows` rows
  /// of tiles that have `tile_rows` of them. A row of sums has `columns` floats, a multiple of
  /// panel_keys; so has a row of values, `row_stride` after the one before it.
  void (*add_values)(float* sums, const float* tiles, int64_t tile_rows, const float* values,
                     int64_t row_stride, int64_t rows, int64_t begin, int64_t end, int64_t columns);
  /// to = factor * from.
  void (*scale)(float* to, const float* from, float factor, int64_t count);

  // For the gradients:
  int64_t key_group;  ///< panel_keys is a multiple of it
  /// to += factor * from.
  void (*scale_add)(float* to, const float* from, float factor, int64_t count);
  float (*dot)(const float* a, const float* b, int64_t count);
  /// `rows` rows of two tiles: scores become p = exp(score - logsumexp), and products, unless null,
  /// p * (product - delta). Both become 0 at keys >= visible.
  void (*differentiate)(float* scores, float* products, int64_t rows, const float* logsumexp,
                        const float* delta, const int64_t* visible);
  /// sums[key] += sum of tile[row, key] * rows[row] over the rows [begin, end), in ascending order.
  /// keys is key_group or 1; rows of sums and of `rows` have `columns` floats.
  void (*add_rows)(float* sums, const float* tile, const float* rows, int64_t begin, int64_t end,
                   int64_t keys, int64_t columns);
};

struct Isa {
  const char* name;  ///< "avx512", "avx2", "generic"
  const AttentionLoops& attention;
  const ElementwiseLoops& elementwise;
  const MatmulLoops& matmul;
  const NormLoops& norm;
  const OptimizerLoops& optimizer;
  const ReduceLoops& reduce;
  const SoftmaxLoops& softmax;
};

/// The instruction set in use: the best this machine has, unless chosen otherwise.
const Isa& isa();
/// All that this machine can run, best first.
std::span<const Isa* const> supported_isas();
/// Chooses one by name (tests run on each); UsageError if this machine lacks it. The environment
/// variable BLIP_ISA does the same at start.
void use_isa(const char* name);

}  // namespace tensor::cpu
