#include "tensor/cross_entropy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/each_isa.h"
#include "tests/reference/softmax.h"

namespace {

using reference::Labels;
using reference::Values;
using reference::values;
using tensor::Gradient;
using tensor::Tensor;

class CrossEntropy : public each_isa::Test {};
INSTANTIATE_TEST_SUITE_P(Isa, CrossEntropy, each_isa::kAll, each_isa::name);

TEST_P(CrossEntropy, EqualsItsTwin) {
  for (const int64_t classes : {1, 2, 17, 129, 30524}) {
    const Tensor logits = reference::random({4, classes}, 1, 5);
    const Tensor labels = tensor::labels(
        "labels", std::vector<int64_t>{0, classes - 1, tensor::kIgnoredLabel, classes / 2},
        classes);
    Tensor nll = Tensor::empty({4}), smooth = Tensor::empty({4}), no_logsumexp;
    tensor::cross_entropy_forward(nll, smooth, no_logsumexp, logits, labels);

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
    tensor::cross_entropy_forward(nll_alone, not_wanted, not_wanted, logits, labels);
    for (int64_t r = 0; r < 4; ++r) EXPECT_EQ(nll.data<float>()[r], nll_alone.data<float>()[r]);
  }
}

TEST_P(CrossEntropy, LargeLogitsDoNotOverflow) {
  Tensor nll = Tensor::empty({2}), smooth = Tensor::empty({2}), no_logsumexp;
  tensor::cross_entropy_forward(nll, smooth, no_logsumexp,
                                Tensor::from<float>({2, 2}, {1e30f, 0, 200, -200}),
                                tensor::labels("labels", std::vector<int64_t>{0, 1}, 2));
  EXPECT_EQ(nll.data<float>()[0], 0);
  EXPECT_EQ(nll.data<float>()[1], 400);
  EXPECT_FLOAT_EQ(smooth.data<float>()[0], 5e29f);
  EXPECT_EQ(smooth.data<float>()[1], 200);
}

/// Labels of four rows: the first class, the last, none, the middle.
Labels some_labels(int64_t classes) {
  return {0, classes - 1, tensor::kIgnoredLabel, classes / 2};
}

TEST_P(CrossEntropy, LogSumExpEqualsItsTwin) {
  for (const int64_t classes : {1, 2, 17, 129, 30524}) {
    const Tensor logits = reference::random({4, classes}, 1, 5);
    const Values exact = values(logits);
    Tensor nll = Tensor::empty({4}), smooth, logsumexp = Tensor::empty({4});
    tensor::cross_entropy_forward(nll, smooth, logsumexp, logits,
                                  tensor::labels("labels", some_labels(classes), classes));
    for (int64_t r = 0; r < 4; ++r) {
      const double expected = r == 2 ? 0
                                     : reference::log_sum_exp(exact.data() + r * classes,
                                                              static_cast<std::size_t>(classes));
      EXPECT_NEAR(logsumexp.data<float>()[r], expected, 5e-6) << classes << " classes, row " << r;
    }
  }
}

/// The kernel with what the forward pass left, its gradients of nll and smooth as given.
void backward(const Gradient& dlogits, const Tensor& dnll, const Tensor& dsmooth,
              const Tensor& logits, const Labels& row_labels) {
  const Tensor labels = tensor::labels("labels", row_labels, logits.dim(1));
  Tensor nll = Tensor::empty({logits.dim(0)}), smooth, logsumexp = Tensor::empty({logits.dim(0)});
  tensor::cross_entropy_forward(nll, smooth, logsumexp, logits, labels);
  tensor::cross_entropy_backward(dlogits, dnll, dsmooth, logits, labels, logsumexp);
}

TEST_P(CrossEntropy, BackwardEqualsItsTwin) {
  for (const int64_t classes : {1, 2, 15, 16, 17, 33, 129, 30524}) {
    const Tensor logits = reference::random({4, classes}, 1, 3);
    const Labels labels = some_labels(classes);
    const auto count = static_cast<std::size_t>(classes);
    for (const bool with_nll : {true, false}) {
      for (const bool with_smooth : {true, false}) {
        const Tensor dnll = with_nll ? reference::random({4}, 2) : Tensor();
        const Tensor dsmooth = with_smooth ? reference::random({4}, 3) : Tensor();
        Values dy = with_nll ? values(dnll) : Values(4, 0.0);
        const Values second = with_smooth ? values(dsmooth) : Values(4, 0.0);
        dy.insert(dy.end(), second.begin(), second.end());
        const Values twin = reference::cross_entropy_backward(dy, values(logits), labels, count);
        if (classes < 40) {
          reference::expect_differences(
              [&](const Values& x) { return reference::cross_entropy(x, labels, count); },
              values(logits), dy, twin);
        }
        reference::expect_gradient(logits.shape(), twin, 4e-6, [&](const Gradient& dlogits) {
          backward(dlogits, dnll, dsmooth, logits, labels);
        });
      }
    }
  }
}

TEST_P(CrossEntropy, BackwardTakesThePlaceOfTheLogits) {
  for (const int64_t classes : {1, 17, 300}) {
    const Tensor logits = reference::random({4, classes}, 1, 3), dnll = reference::random({4}, 2),
                 dsmooth = reference::random({4}, 3);
    const Gradient apart{Tensor::empty(logits.shape())},
        both{reference::random({4, classes}, 1, 3)};
    backward(apart, dnll, dsmooth, logits, some_labels(classes));
    backward(both, dnll, dsmooth, both.sum, some_labels(classes));
    EXPECT_EQ(values(apart.sum), values(both.sum)) << classes;
    for (int64_t c = 0; c < classes; ++c) {
      EXPECT_EQ(both.sum.data<float>()[2 * classes + c], 0) << "ignored";
    }
  }
}

TEST_P(CrossEntropy, BackwardOfLargeAndForbiddenLogits) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Tensor logits =
      Tensor::from<float>({3, 3}, {1e30f, 0, -1e30f, 200, -200, 200, 0, -kInfinity, 0});
  const Gradient dlogits{Tensor::empty({3, 3})};
  backward(dlogits, reference::filled({3}, 1), {}, logits, {1, 0, 2});
  const float expected[] = {1, -1, 0, -0.5f, 0, 0.5f, 0.5f, 0, -0.5f};
  for (int i = 0; i < 9; ++i) {
    EXPECT_NEAR(dlogits.sum.data<float>()[i], expected[i], 2e-5) << i;
  }
}

TEST(CrossEntropyErrors, NameTheOperationAndTheShapes) {
  const Tensor logits = Tensor::zeros({2, 5});
  const auto message = [&](const Tensor& labels) -> std::string {
    Tensor nll = Tensor::empty({2}), smooth, no_logsumexp;
    try {
      tensor::cross_entropy_forward(nll, smooth, no_logsumexp, logits, labels);
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message(Tensor::zeros({3}, tensor::DType::i32)),
            "cross_entropy_forward: labels is [3], expected [2]");
  EXPECT_EQ(message(Tensor::zeros({2})), "cross_entropy_forward: labels is f32, expected i32");
}

TEST(CrossEntropyErrors, OfBackwardNameTheOperationAndTheShapes) {
  const Tensor logits = Tensor::zeros({2, 5}), labels = Tensor::zeros({2}, tensor::DType::i32),
               row = Tensor::zeros({2});
  const auto message = [&](const Gradient& dlogits, const Tensor& dnll,
                           const Tensor& logsumexp) -> std::string {
    try {
      tensor::cross_entropy_backward(dlogits, dnll, {}, logits, labels, logsumexp);
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message({Tensor::zeros({2, 4})}, row, row),
            "cross_entropy_backward: dlogits is [2, 4], expected [2, 5]");
  EXPECT_EQ(message({}, Tensor::zeros({3}), row),
            "cross_entropy_backward: dnll is [3], expected [2]");
  EXPECT_EQ(message({}, row, {}), "cross_entropy_backward: logsumexp is absent, expected [2]");
  EXPECT_EQ(message({logits, true}, row, row),
            "cross_entropy_backward: dlogits cannot be logits and be added to");
}

}  // namespace
