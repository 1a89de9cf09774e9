// Matrix multiplication with a weight that was prepared beforehand, and what usually follows it
// fused into the same pass: bias, activation, residual.
//
// | x   | weight source  | bias, residual, y |
// |-----|----------------|-------------------|
// | f32 | f32, f16, bf16 | f32               |
//
// Each element of y is one sum over K in ascending order, whatever the number of rows, the blocking
// or the number of threads: a row's result does not depend on the rows beside it.
#pragma once

#include <memory>

#include "tensor/activation.h"
#include "tensor/tensor.h"

namespace tensor {

/// A weight [N, K] (outputs, inputs; row-major as in a checkpoint, where K may be several axes: a
/// patch projection is [C, 3, P, P]), and its panels: the copy that the kernels read. Copying,
/// saving and changing concern the source alone; panels are remade when the source was replaced.
/// Cheap to copy; copies share panels.
class MatmulWeight {
 public:
  MatmulWeight() = default;
  explicit MatmulWeight(Tensor source) { assign(std::move(source)); }

  /// Replaces the source and forgets the panels. ShapeError unless N and K are at least 1,
  /// DTypeError unless the elements are f32, f16 or bf16.
  void assign(Tensor source);
  const Tensor& source() const { return source_; }
  bool defined() const { return source_.defined(); }
  int64_t outputs() const { return source_.dim(0); }
  int64_t inputs() const { return source_.elements() / source_.dim(0); }

  /// Makes the panels now rather than at first use, and gives the pages of a mapped source back to
  /// the system as it goes, so that the weight is never held twice. Not safe to call from two
  /// threads at once.
  void pack() const;
  /// The panels, in the layout of the device's kernels; made if they are not there yet.
  const Tensor& panels() const;

 private:
  Tensor source_;
  mutable Tensor panels_;
};

/// What follows the product, in this order.
struct MatmulEpilogue {
  Tensor bias{};                             ///< [N], or undefined
  Activation activation = Activation::none;  ///< gelu is the exact form, x * Phi(x) with erf
  Tensor residual{};                         ///< [M, N], added last, or undefined; may be y
};

/// y = activation(x weight^T + bias) + residual; x [M, K], weight [N, K], y [M, N].
void matmul_forward(Tensor& y, const Tensor& x, const MatmulWeight& weight,
                    const MatmulEpilogue& epilogue = {});

struct MatmulKernels {
  decltype(&tensor::matmul_forward) matmul_forward;
  /// The panels of a source [N, ...].
  Tensor (*pack)(const Tensor& source);
};
namespace cpu {
extern const MatmulKernels matmul;
}

}  // namespace tensor
