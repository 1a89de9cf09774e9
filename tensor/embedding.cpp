#include "tensor/embedding.h"

#include "tensor/backend.h"

namespace tensor {

void embedding_forward(Tensor& y, const Tensor& table, const Tensor& ids) {
  constexpr const char* kOp = "embedding_forward";
  expect_shape(kOp, "table", table, table.shape());
  if (table.rank() != 2) {
    throw base::ShapeError(base::str(kOp, ": table is ", table.shape().str(), ", expected [V, C]"));
  }
  if (table.dtype() != DType::f32 && table.dtype() != DType::f16 && table.dtype() != DType::bf16) {
    throw base::DTypeError(
        base::str(kOp, ": table is ", name_of(table.dtype()), ", expected f32, f16 or bf16"));
  }
  expect_shape(kOp, "ids", ids, ids.shape());
  expect_dtype(kOp, "ids", ids, DType::i32);
  const int64_t channels = table.dim(1);
  expect_f32(kOp, "y", y, y.shape());
  if (y.rank() == 0 || y.dim(-1) != channels || y.elements() != ids.elements() * channels) {
    throw base::ShapeError(base::str(kOp, ": y is ", y.shape().str(), ", expected ", ids.elements(),
                                     " rows of ", channels));
  }
  const Backend& on = backend(kOp, {{"y", y}, {"table", table}, {"ids", ids}});
  on.kernel(kOp, on.embedding.embedding_forward)(y, table, ids);
}

}  // namespace tensor
