#include "tensor/softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/each_isa.h"
#include "tests/reference.h"

namespace {

using tensor::Tensor;

class Softmax : public each_isa::Test {};
INSTANTIATE_TEST_SUITE_P(Isa, Softmax, each_isa::kAll, each_isa::name);

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Tensor softmax(const Tensor& x) {
  Tensor y = Tensor::empty(x.shape());
  tensor::softmax_forward(y, x);
  return y;
}
Tensor log_softmax(const Tensor& x) {
  Tensor y = Tensor::empty(x.shape());
  tensor::log_softmax_forward(y, x);
  return y;
}

TEST_P(Softmax, EqualsItsTwin) {
  for (const int64_t channels : {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 49, 577, 30524}) {
    const Tensor x = reference::random({3, channels}, 1, 4);
    std::vector<double> twin = reference::log_softmax(x);
    EXPECT_LT(reference::max_difference(log_softmax(x), twin), 5e-6) << channels;
    for (double& value : twin) value = std::exp(value);
    EXPECT_LT(reference::max_difference(softmax(x), twin), 1e-6) << channels;
  }
}

TEST_P(Softmax, WorksInPlace) {
  const Tensor x = reference::random({2, 37}, 2);
  Tensor a = reference::random({2, 37}, 2), b = reference::random({2, 37}, 2);
  tensor::softmax_forward(a, a);
  tensor::log_softmax_forward(b, b);
  const Tensor softmax_x = softmax(x), log_softmax_x = log_softmax(x);
  for (int64_t i = 0; i < x.elements(); ++i) {
    EXPECT_EQ(a.data<float>()[i], softmax_x.data<float>()[i]);
    EXPECT_EQ(b.data<float>()[i], log_softmax_x.data<float>()[i]);
  }
}

TEST_P(Softmax, LargeLogitsDoNotOverflow) {
  const Tensor x = Tensor::from<float>({1, 4}, {3e38f, 3e38f, -3e38f, 0});
  const Tensor y = softmax(x);
  EXPECT_EQ(y.data<float>()[0], 0.5f);
  EXPECT_EQ(y.data<float>()[1], 0.5f);
  EXPECT_EQ(y.data<float>()[2], 0);
  EXPECT_EQ(y.data<float>()[3], 0);
}

TEST_P(Softmax, ForbiddenTokensHaveNoProbability) {
  // A logit of minus infinity at the front, inside, and in the part of a register at the end.
  for (const std::size_t place : {0u, 20u, 39u}) {
    std::vector<float> logits(40, 1.0f);
    logits[place] = -kInfinity;
    const Tensor x = Tensor::from({1, 40}, logits);
    const Tensor y = softmax(x), log_y = log_softmax(x);
    for (std::size_t i = 0; i < 40; ++i) {
      EXPECT_NEAR(y.data<float>()[i], i == place ? 0 : 1.0 / 39, 1e-8);
      if (i == place) {
        EXPECT_EQ(log_y.data<float>()[i], -kInfinity);
      } else {
        EXPECT_NEAR(log_y.data<float>()[i], -std::log(39.0), 1e-6);
      }
    }
  }
}

TEST_P(Softmax, NaNIsNotHidden) {
  for (const std::size_t place : {0u, 20u, 39u}) {
    std::vector<float> logits(40, 1.0f);
    logits[place] = std::numeric_limits<float>::quiet_NaN();
    const Tensor y = softmax(Tensor::from({1, 40}, logits));
    for (const float value : y.span<float>()) EXPECT_TRUE(std::isnan(value)) << place;
  }
}

TEST_P(Softmax, EveryExponentIsAccurate) {
  // Two logits x and 0 >= x give y0 / y1 = e^x: the exponential over the range that softmax needs.
  for (int i = 0; i <= 8700; ++i) {
    const float x = -0.01f * static_cast<float>(i);
    const Tensor y = softmax(Tensor::from<float>({1, 2}, {x, 0}));
    const double expected = std::exp(double{x}) / (1 + std::exp(double{x}));
    EXPECT_NEAR(y.data<float>()[0] / expected, 1, 4e-7) << x;
  }
}

TEST(SoftmaxErrors, NameTheOperationAndTheShape) {
  Tensor y = Tensor::empty({2, 3});
  const auto message = [&](const Tensor& x) -> std::string {
    try {
      tensor::log_softmax_forward(y, x);
    } catch (const base::ShapeError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message(Tensor::empty({3, 2})), "log_softmax_forward: y is [2, 3], expected [3, 2]");
  EXPECT_EQ(message(Tensor::empty({3, 0})), "log_softmax_forward: x is [3, 0], expected [..., C]");
}

}  // namespace
