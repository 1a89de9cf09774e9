// Matrix multiplication with a weight that was prepared beforehand, and what usually follows it
// fused into the same pass: bias, activation, residual. The way back: gradients of input and
// weight.
//
// | x, dy | weight source  | bias, residual, pre_activation, y | dx, dw, db |
// |-------|----------------|-----------------------------------|------------|
// | f32   | f32, f16, bf16 | f32                               | f32        |
//
// Each element of y is one sum in ascending order, each element of dx a sum of such sums over parts
// of N, whatever the number of rows, the blocking or the number of threads: a row's result does not
// depend on the rows beside it.
#pragma once

#include <memory>
#include <vector>

#include "tensor/activation.h"
#include "tensor/gradient.h"
#include "tensor/tensor.h"

namespace tensor {

/// Which product reads a weight's panels: x W^T, or dy W.
enum class PanelOrder : uint8_t { forward, transposed };

/// One of the forms that a weight is packed in. f32 is the only precision yet.
struct PanelKind {
  PanelOrder order = PanelOrder::forward;
  DType precision = DType::f32;
  bool operator==(const PanelKind&) const = default;
};

/// A weight [N, K] (outputs, inputs; row-major as in a checkpoint, where K may be several axes: a
/// patch projection is [C, 3, P, P]), and its panels: copies that the kernels read, made for each
/// kind when a product first asks for it. Copying, saving and changing concern the source alone:
/// panels are remade when the source was replaced or its storage was written to
/// (Tensor::version). Cheap to copy; a copy shares the panels there are.
///
/// Not safe to use from two threads at once, unless all panels that they read are there and the
/// source stays as it is.
class MatmulWeight {
 public:
  MatmulWeight() = default;
  explicit MatmulWeight(Tensor source) { assign(std::move(source)); }

  /// Replaces the source and forgets the panels. ShapeError unless N and K are at least 1,
  /// DTypeError unless the elements are f32, f16 or bf16.
  void assign(Tensor source);
  /// The same with panels of `kind` that are ready (from a file, say). They must be what `pack`
  /// makes of this source; ShapeError or DTypeError if they cannot be.
  void assign(Tensor source, Tensor panels, PanelKind kind = {});
  const Tensor& source() const { return source_; }
  bool defined() const { return source_.defined(); }
  int64_t outputs() const { return source_.dim(0); }
  int64_t inputs() const { return source_.elements() / source_.dim(0); }

  /// Makes panels now rather than at first use, unless they are there, and gives the pages of a
  /// mapped source back to the system as it goes, so that the weight is never held twice.
  void pack(PanelKind kind = {}) const { panels(kind); }
  /// The panels, in the layout of the device's kernels; made if they are not there or stale.
  Tensor panels(PanelKind kind = {}) const;
  /// Bytes of all panels that are held.
  std::size_t panel_bytes() const;

 private:
  struct Panels {
    PanelKind kind;
    uint64_t source_version;
    Tensor tensor;
  };
  Tensor source_;
  mutable std::vector<Panels> panels_;  // at most one of a kind
};

/// What follows the product, in this order.
struct MatmulEpilogue {
  Tensor bias{};  ///< [N], or undefined
  Activation activation = Activation::none;
  Tensor residual{};  ///< [M, N], added last, or undefined; may be y
  /// [M, N], receives x weight^T + bias, which a backward pass reads; or undefined: not wanted.
  /// Neither y nor residual.
  Tensor pre_activation{};
};

/// y = activation(x weight^T + bias) + residual; x [M, K], weight [N, K], y [M, N].
void matmul_forward(Tensor& y, const Tensor& x, const MatmulWeight& weight,
                    const MatmulEpilogue& epilogue = {});

/// dx (=|+=) dy weight: dx [M, K], dy [M, N], the gradient of x weight^T + bias. dx is not dy.
void matmul_backward_input(const Gradient& dx, const Tensor& dy, const MatmulWeight& weight);

/// dw (=|+=) dy^T x, db (=|+=) the sums of the columns of dy; dy [M, N], x [M, K], db [N], dw of
/// N * K elements [N, ...], as the weight's source. A sum over M is made of sums over chunks of
/// rows, each ascending, then added in ascending order; the chunks depend on M and K alone.
void matmul_backward_weight(const Gradient& dw, const Gradient& db, const Tensor& dy,
                            const Tensor& x);

struct MatmulKernels {
  decltype(&tensor::matmul_forward) matmul_forward;
  decltype(&tensor::matmul_backward_input) matmul_backward_input;
  decltype(&tensor::matmul_backward_weight) matmul_backward_weight;
  /// The panels of a source [N, ...], and their shape; DTypeError for a precision that the device
  /// does not compute in.
  Tensor (*pack)(const Tensor& source, PanelKind kind);
  Shape (*panel_shape)(const Shape& source, PanelKind kind);
};
namespace cpu {
extern const MatmulKernels matmul;
}

}  // namespace tensor
