#include "tensor/matmul.h"

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
  panels_ = Tensor();
}

void MatmulWeight::pack() const {
  if (panels_.defined()) return;
  const Backend& on = backend(source_);
  panels_ = on.kernel("MatmulWeight::pack", on.matmul.pack)(source_);
  source_.release_pages();
}

const Tensor& MatmulWeight::panels() const {
  pack();
  return panels_;
}

void matmul_forward(Tensor& y, const Tensor& x, const MatmulWeight& weight,
                    const MatmulEpilogue& epilogue) {
  constexpr const char* kOp = "matmul_forward";
  if (!weight.defined()) {
    throw base::ShapeError(base::str(kOp, ": weight is absent, expected [N, K]"));
  }
  const int64_t inputs = weight.inputs(), outputs = weight.outputs();
  if (!x.defined() || x.rank() != 2) {
    throw base::ShapeError(base::str(kOp, ": x is ", x.defined() ? x.shape().str() : "absent",
                                     ", expected [M, ", inputs, "]"));
  }
  const int64_t rows = x.dim(0);
  expect_f32(kOp, "x", x, {rows, inputs});
  expect_f32(kOp, "y", y, {rows, outputs});
  if (epilogue.bias.defined()) expect_f32(kOp, "bias", epilogue.bias, {outputs});
  if (epilogue.residual.defined()) expect_f32(kOp, "residual", epilogue.residual, {rows, outputs});
  if (rows == 0) return;
  const Backend& on = backend(kOp, {{"y", y},
                                    {"x", x},
                                    {"weight", weight.source()},
                                    {"bias", epilogue.bias},
                                    {"residual", epilogue.residual}});
  on.kernel(kOp, on.matmul.matmul_forward)(y, x, weight, epilogue);
}

}  // namespace tensor
