#include "tensor/matmul.h"

#include <algorithm>
#include <utility>

#include "tensor/backend.h"

namespace tensor {

void MatmulWeight::assign(Tensor source) {
  if (!source.defined() || source.rank() < 2 || source.elements() == 0) {
    throw base::ShapeError(base::str("MatmulWeight: source is ",
                                     source.defined() ? source.shape().str() : "absent",
                                     ", expected [N, K], both at least 1"));
  }
  const DType dtype = source.dtype();
  if (dtype != DType::f32 && dtype != DType::f16 && dtype != DType::bf16) {
    throw base::DTypeError(
        base::str("MatmulWeight: source is ", name_of(dtype), ", expected f32, f16 or bf16"));
  }
  source_ = std::move(source);
  panels_.clear();
}

void MatmulWeight::assign(Tensor source, Tensor panels, PanelKind kind) {
  MatmulWeight next(std::move(source));
  const Tensor& given = next.source_;
  expect_shape("MatmulWeight", "panels", panels,
               backend(given).matmul.panel_shape(given.shape(), kind));
  expect_dtype("MatmulWeight", "panels", panels, kind.precision);
  next.panels_.push_back({kind, given.version(), std::move(panels)});
  *this = std::move(next);
}

Tensor MatmulWeight::panels(PanelKind kind) const {
  if (!defined()) throw base::ShapeError("MatmulWeight: panels of a source that is absent");
  const Backend& on = backend(source_);
  const MatmulKernels& kernels = on.matmul;
  const uint64_t version = source_.version();
  auto found = std::find_if(panels_.begin(), panels_.end(),
                            [&](const Panels& panels) { return panels.kind == kind; });
  if (found != panels_.end()) {
    // The shape tells whether the kernels in use are those that the panels were made for.
    if (found->source_version == version &&
        found->tensor.shape() == kernels.panel_shape(source_.shape(), kind)) {
      return found->tensor;
    }
    panels_.erase(found);  // before their successor is made: two of them may be too many
  }
  Tensor tensor = on.kernel("MatmulWeight::pack", kernels.pack)(source_, kind);
  source_.release_pages();
  panels_.push_back({kind, version, tensor});
  return tensor;
}

std::size_t MatmulWeight::panel_bytes() const {
  std::size_t bytes = 0;
  for (const Panels& panels : panels_) bytes += panels.tensor.bytes();
  return bytes;
}

namespace {

int64_t expect_rows(const char* op, const char* what, const Tensor& found, int64_t columns) {
  if (!found.defined() || found.rank() != 2) {
    throw base::ShapeError(base::str(op, ": ", what, " is ",
                                     found.defined() ? found.shape().str() : "absent",
                                     ", expected [M, ", columns, "]"));
  }
  expect_f32(op, what, found, {found.dim(0), columns});
  return found.dim(0);
}

void expect_weight(const char* op, const MatmulWeight& weight) {
  if (!weight.defined()) {
    throw base::ShapeError(base::str(op, ": weight is absent, expected [N, K]"));
  }
}

}  // namespace

void matmul_forward(Tensor& y, const Tensor& x, const MatmulWeight& weight,
                    const MatmulEpilogue& epilogue) {
  constexpr const char* kOp = "matmul_forward";
  expect_weight(kOp, weight);
  const int64_t outputs = weight.outputs();
  const int64_t rows = expect_rows(kOp, "x", x, weight.inputs());
  expect_f32(kOp, "y", y, {rows, outputs});
  if (epilogue.bias.defined()) expect_f32(kOp, "bias", epilogue.bias, {outputs});
  if (epilogue.residual.defined()) expect_f32(kOp, "residual", epilogue.residual, {rows, outputs});
  if (epilogue.pre_activation.defined()) {
    expect_f32(kOp, "pre_activation", epilogue.pre_activation, {rows, outputs});
  }
  if (rows == 0) return;
  const Backend& on = backend(kOp, {{"y", y},
                                    {"x", x},
                                    {"weight", weight.source()},
                                    {"bias", epilogue.bias},
                                    {"residual", epilogue.residual},
                                    {"pre_activation", epilogue.pre_activation}});
  on.kernel(kOp, on.matmul.matmul_forward)(y, x, weight, epilogue);
}

void matmul_backward_input(const Gradient& dx, const Tensor& dy, const MatmulWeight& weight) {
  constexpr const char* kOp = "matmul_backward_input";
  expect_weight(kOp, weight);
  const int64_t rows = expect_rows(kOp, "dy", dy, weight.outputs());
  if (!dx.wanted()) return;
  expect_f32(kOp, "dx", dx.sum, {rows, weight.inputs()});
  if (rows == 0) return;
  const Backend& on = backend(kOp, {{"dx", dx.sum}, {"dy", dy}, {"weight", weight.source()}});
  on.kernel(kOp, on.matmul.matmul_backward_input)(dx, dy, weight);
}

void matmul_backward_weight(const Gradient& dw, const Gradient& db, const Tensor& dy,
                            const Tensor& x) {
  constexpr const char* kOp = "matmul_backward_weight";
  for (const auto& [what, found] : {std::pair("dy", &dy), std::pair("x", &x)}) {
    if (!found->defined() || found->rank() != 2 || found->dim(1) == 0) {
      throw base::ShapeError(base::str(kOp, ": ", what, " is ",
                                       found->defined() ? found->shape().str() : "absent",
                                       ", expected two axes, the second at least 1"));
    }
  }
  const int64_t rows = dy.dim(0), outputs = dy.dim(1), inputs = x.dim(1);
  expect_f32(kOp, "dy", dy, dy.shape());
  expect_f32(kOp, "x", x, {rows, inputs});
  if (dw.wanted()) {
    const bool fits =
        dw.sum.rank() >= 2 && dw.sum.dim(0) == outputs && dw.sum.elements() == outputs * inputs;
    expect_f32(kOp, "dw", dw.sum, fits ? dw.sum.shape() : Shape{outputs, inputs});
  }
  if (db.wanted()) expect_f32(kOp, "db", db.sum, {outputs});
  if (!dw.wanted() && !db.wanted()) return;
  const Backend& on = backend(kOp, {{"dw", dw.sum}, {"db", db.sum}, {"dy", dy}, {"x", x}});
  on.kernel(kOp, on.matmul.matmul_backward_weight)(dw, db, dy, x);
}

}  // namespace tensor
