#include "tensor/copy.h"

#include <algorithm>

#include "tensor/backend.h"
#include "tensor/index.h"

namespace tensor {
namespace {

void expect_float(const char* op, const char* what, const Tensor& found) {
  expect_shape(op, what, found, found.shape());
  const DType dtype = found.dtype();
  if (dtype != DType::f32 && dtype != DType::f16 && dtype != DType::bf16 && dtype != DType::f64) {
    throw base::DTypeError(
        base::str(op, ": ", what, " is ", name_of(dtype), ", expected f32, f16, bf16 or f64"));
  }
}

/// `many` and `few` agree but for the first axis; few has a row for each of `rows`.
void expect_rows(const char* op, const char* many_name, const Tensor& many, const char* few_name,
                 const Tensor& few, const Tensor& rows) {
  expect_shape(op, many_name, many, many.shape());
  if (many.rank() == 0) {
    throw base::ShapeError(base::str(op, ": ", many_name, " is [], expected [rows, ...]"));
  }
  std::array<int64_t, 8> dims{};
  std::copy(many.shape().begin(), many.shape().end(), dims.begin());
  expect_indices(op, "rows", rows, rows.elements());
  dims[0] = rows.elements();
  expect_shape(op, few_name, few,
               Shape(std::span<const int64_t>(dims.data(), static_cast<std::size_t>(many.rank()))));
  expect_dtype(op, few_name, few, many.dtype());
}

}  // namespace

void cast_forward(Tensor& to, const Tensor& from) {
  expect_float("cast_forward", "from", from);
  expect_float("cast_forward", "to", to);
  expect_shape("cast_forward", "to", to, from.shape());
  const Backend& on = backend("cast_forward", {{"to", to}, {"from", from}});
  on.kernel("cast_forward", on.copy.cast_forward)(to, from);
}

void gather_rows_forward(Tensor& to, const Tensor& from, const Tensor& rows) {
  expect_rows("gather_rows_forward", "from", from, "to", to, rows);
  const Backend& on = backend("gather_rows_forward", {{"to", to}, {"from", from}});
  on.kernel("gather_rows_forward", on.copy.gather_rows_forward)(to, from, rows);
}

void gather_rows_backward(const Gradient& dfrom, const Tensor& dto, const Tensor& rows) {
  constexpr const char* kOp = "gather_rows_backward";
  expect_f32(kOp, "dto", dto, dto.shape());
  if (!dfrom.wanted()) return;
  expect_gradient(kOp, "dfrom", dfrom, dfrom.sum.shape());
  expect_rows(kOp, "dfrom", dfrom.sum, "dto", dto, rows);
  const Backend& on = backend(kOp, {{"dfrom", dfrom.sum}, {"dto", dto}, {"rows", rows}});
  on.kernel(kOp, on.copy.gather_rows_backward)(dfrom, dto, rows);
}

void scatter_rows_forward(Tensor& to, const Tensor& from, const Tensor& rows) {
  expect_rows("scatter_rows_forward", "to", to, "from", from, rows);
  const Backend& on = backend("scatter_rows_forward", {{"to", to}, {"from", from}});
  on.kernel("scatter_rows_forward", on.copy.scatter_rows_forward)(to, from, rows);
}

void scatter_rows_backward(const Gradient& dfrom, const Tensor& dto, const Tensor& rows) {
  constexpr const char* kOp = "scatter_rows_backward";
  expect_f32(kOp, "dto", dto, dto.shape());
  if (!dfrom.wanted()) return;
  expect_gradient(kOp, "dfrom", dfrom, dfrom.sum.shape());
  expect_rows(kOp, "dto", dto, "dfrom", dfrom.sum, rows);
  const Backend& on = backend(kOp, {{"dfrom", dfrom.sum}, {"dto", dto}, {"rows", rows}});
  on.kernel(kOp, on.copy.scatter_rows_backward)(dfrom, dto, rows);
}

Tensor to_f32(const Tensor& from) {
  if (from.dtype() == DType::f32) return from;
  Tensor result = from.empty_like(from.shape(), DType::f32);
  cast_forward(result, from);
  return result;
}

}  // namespace tensor
