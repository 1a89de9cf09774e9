#include "tensor/embedding.h"

#include "tensor/backend.h"

namespace tensor {

namespace {

/// `table` is [V, C] and `rows` has a row of it for each of `ids`.
void expect_lookup(const char* op, const char* table_name, const Tensor& table,
                   const char* rows_name, const Tensor& rows, const Tensor& ids) {
  expect_shape(op, table_name, table, table.shape());
  if (table.rank() != 2) {
    throw base::ShapeError(
        base::str(op, ": ", table_name, " is ", table.shape().str(), ", expected [V, C]"));
  }
  expect_shape(op, "ids", ids, ids.shape());
  expect_dtype(op, "ids", ids, DType::i32);
  const int64_t channels = table.dim(1);
  expect_f32(op, rows_name, rows, rows.shape());
  if (rows.rank() == 0 || rows.dim(-1) != channels ||
      rows.elements() != ids.elements() * channels) {
    throw base::ShapeError(base::str(op, ": ", rows_name, " is ", rows.shape().str(), ", expected ",
                                     ids.elements(), " rows of ", channels));
  }
}

}  // namespace

void embedding_forward(Tensor& y, const Tensor& table, const Tensor& ids) {
  constexpr const char* kOp = "embedding_forward";
  expect_lookup(kOp, "table", table, "y", y, ids);
  if (table.dtype() != DType::f32 && table.dtype() != DType::f16 && table.dtype() != DType::bf16) {
    throw base::DTypeError(
        base::str(kOp, ": table is ", name_of(table.dtype()), ", expected f32, f16 or bf16"));
  }
  const Backend& on = backend(kOp, {{"y", y}, {"table", table}, {"ids", ids}});
  on.kernel(kOp, on.embedding.embedding_forward)(y, table, ids);
}

void embedding_backward(const Gradient& dtable, const Tensor& dy, const Tensor& ids) {
  constexpr const char* kOp = "embedding_backward";
  expect_f32(kOp, "dy", dy, dy.shape());
  if (!dtable.wanted()) return;
  expect_lookup(kOp, "dtable", dtable.sum, "dy", dy, ids);
  expect_dtype(kOp, "dtable", dtable.sum, DType::f32);
  const Backend& on = backend(kOp, {{"dtable", dtable.sum}, {"dy", dy}, {"ids", ids}});
  on.kernel(kOp, on.embedding.embedding_backward)(dtable, dy, ids);
}

}  // namespace tensor
