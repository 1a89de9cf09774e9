#include "tensor/embedding.h"

#include <gtest/gtest.h>

#include "tensor/copy.h"
#include "tensor/index.h"
#include "tests/reference.h"

namespace {

using tensor::DType;
using tensor::Tensor;

TEST(Embedding, CopiesTheRowsOfTheIds) {
  const Tensor table = reference::random({7, 5}, 1);
  const Tensor ids = tensor::indices("ids", std::vector<int64_t>{6, 0, 3, 3, 1, 6}, 7, {2, 3});
  for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
    Tensor stored = Tensor::empty(table.shape(), dtype);
    tensor::cast_forward(stored, table);
    const Tensor values = tensor::to_f32(stored);
    Tensor y = Tensor::empty({2, 3, 5});
    tensor::embedding_forward(y, stored, ids);
    for (int64_t r = 0; r < 6; ++r) {
      for (int64_t c = 0; c < 5; ++c) {
        EXPECT_EQ(y.data<float>()[r * 5 + c], values.data<float>()[ids.data<int32_t>()[r] * 5 + c])
            << tensor::name_of(dtype) << " row " << r;
      }
    }
  }
}

TEST(EmbeddingErrors, NameTheOperationAndTheShapes) {
  const auto message = [](const Tensor& table, const Tensor& ids) -> std::string {
    Tensor y = Tensor::empty({2, 5});
    try {
      tensor::embedding_forward(y, table, ids);
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  const Tensor table = Tensor::zeros({7, 5}), ids = Tensor::zeros({2}, DType::i32);
  EXPECT_EQ(message(table, ids), "no error");
  EXPECT_EQ(message(Tensor::zeros({7, 4}), ids),
            "embedding_forward: y is [2, 5], expected 2 rows of 4");
  EXPECT_EQ(message(Tensor::zeros({7, 5}, DType::i8), ids),
            "embedding_forward: table is i8, expected f32, f16 or bf16");
  EXPECT_EQ(message(table, Tensor::zeros({2})), "embedding_forward: ids is f32, expected i32");
}

}  // namespace
