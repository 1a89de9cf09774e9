#include "tensor/embedding.h"

#include <gtest/gtest.h>

#include "tensor/copy.h"
#include "tensor/index.h"
#include "tests/reference/rows.h"

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

TEST(Embedding, BackwardSumsTheRowsOfEachId) {
  // As a batch of captions has them: some ids often, most never. The last table takes several
  // chunks.
  const struct {
    int64_t entries, channels, rows;
  } sizes[] = {{1, 1, 3}, {7, 5, 12}, {11, 33, 40}, {2003, 48, 333}};
  for (const auto& [entries, channels, count] : sizes) {
    std::vector<int32_t> numbers;
    for (int64_t i = 0; i < count; ++i) {
      numbers.push_back(static_cast<int32_t>(i % 3 == 0 ? 0 : i * i % entries));
    }
    const Tensor ids = tensor::indices("ids", numbers, entries).reshape({1, count, 1});
    const Tensor dy = reference::random({1, count, channels}, 2);
    const auto width = static_cast<std::size_t>(channels);
    const reference::Values twin = reference::sum_rows(reference::values(dy), numbers,
                                                       static_cast<std::size_t>(entries), width);
    if (entries < 20) {
      reference::expect_differences(
          [&](const reference::Values& table) {
            return reference::gather_rows(table, numbers, width);
          },
          reference::values(reference::random({entries, channels}, 3)), reference::values(dy),
          twin);
    }
    reference::expect_gradient(
        {entries, channels}, twin, 5e-5,
        [&](const tensor::Gradient& dtable) { tensor::embedding_backward(dtable, dy, ids); });
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

TEST(EmbeddingErrors, OfBackwardNameTheGradient) {
  const Tensor ids = Tensor::zeros({2}, DType::i32);
  const auto message = [&](const tensor::Gradient& dtable, const Tensor& dy) -> std::string {
    try {
      tensor::embedding_backward(dtable, dy, ids);
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message({Tensor::zeros({7, 4})}, Tensor::zeros({2, 5})),
            "embedding_backward: dy is [2, 5], expected 2 rows of 4");
  EXPECT_EQ(message({Tensor::zeros({7})}, Tensor::zeros({2, 5})),
            "embedding_backward: dtable is [7], expected [V, C]");
  EXPECT_EQ(message({Tensor::zeros({7, 5}, DType::bf16)}, Tensor::zeros({2, 5})),
            "embedding_backward: dtable is bf16, expected f32");
  EXPECT_EQ(message({}, Tensor::zeros({2, 5}, DType::f16)),
            "embedding_backward: dy is f16, expected f32");
}

}  // namespace
