#include "tensor/cross_entropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/each_isa.h"
#include "tests/reference.h"

namespace {

using tensor::Tensor;

class CrossEntropy : public each_isa::Test {};
INSTANTIATE_TEST_SUITE_P(Isa, CrossEntropy, each_isa::kAll, each_isa::name);

TEST_P(CrossEntropy, EqualsItsTwin) {
  for (const int64_t classes : {1, 2, 17, 129, 30524}) {
    const Tensor logits = reference::random({4, classes}, 1, 5);
    const Tensor labels = tensor::labels(
        "labels", std::vector<int64_t>{0, classes - 1, tensor::kIgnoredLabel, classes / 2},
        classes);
    Tensor nll = Tensor::empty({4}), smooth = Tensor::empty({4});
    tensor::cross_entropy_forward(nll, smooth, logits, labels);

    const std::vector<double> twin = reference::log_softmax(logits);
    for (int64_t r = 0; r < 4; ++r) {
      const int32_t label = labels.data<int32_t>()[r];
      double expected_nll = 0, expected_smooth = 0;
      if (label != tensor::kIgnoredLabel) {
        const auto row = twin.begin() + r * classes;
        expected_nll = -row[label];
        expected_smooth = -std::accumulate(row, row + classes, 0.0) / static_cast<double>(classes);
      }
      EXPECT_NEAR(nll.data<float>()[r], expected_nll, 5e-6) << classes << " classes, row " << r;
      EXPECT_NEAR(smooth.data<float>()[r], expected_smooth, 5e-6) << classes << ", row " << r;
    }

    Tensor nll_alone = Tensor::empty({4}), not_wanted;
    tensor::cross_entropy_forward(nll_alone, not_wanted, logits, labels);
    for (int64_t r = 0; r < 4; ++r) EXPECT_EQ(nll.data<float>()[r], nll_alone.data<float>()[r]);
  }
}

TEST_P(CrossEntropy, LargeLogitsDoNotOverflow) {
  Tensor nll = Tensor::empty({2}), smooth = Tensor::empty({2});
  tensor::cross_entropy_forward(nll, smooth, Tensor::from<float>({2, 2}, {1e30f, 0, 200, -200}),
                                tensor::labels("labels", std::vector<int64_t>{0, 1}, 2));
  EXPECT_EQ(nll.data<float>()[0], 0);
  EXPECT_EQ(nll.data<float>()[1], 400);
  EXPECT_FLOAT_EQ(smooth.data<float>()[0], 5e29f);
  EXPECT_EQ(smooth.data<float>()[1], 200);
}

TEST(CrossEntropyErrors, NameTheOperationAndTheShapes) {
  const Tensor logits = Tensor::zeros({2, 5});
  const auto message = [&](const Tensor& labels) -> std::string {
    Tensor nll = Tensor::empty({2}), smooth;
    try {
      tensor::cross_entropy_forward(nll, smooth, logits, labels);
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message(Tensor::zeros({3}, tensor::DType::i32)),
            "cross_entropy_forward: labels is [3], expected [2]");
  EXPECT_EQ(message(Tensor::zeros({2})), "cross_entropy_forward: labels is f32, expected i32");
}

}  // namespace
