#include "tensor/softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/each_isa.h"
#include "tests/reference/softmax.h"

namespace {

using reference::Values;
using reference::values;
using tensor::Gradient;
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

TEST_P(Softmax, BackwardEqualsItsTwin) {
  for (const int64_t channels : {1, 2, 3, 15, 16, 17, 31, 33, 49, 577, 2050, 30524}) {
    const tensor::Shape shape{3, channels};
    const auto count = static_cast<std::size_t>(channels);
    const Tensor x = reference::random(shape, 1, 2), dy = reference::random(shape, 2);
    const Tensor y = softmax(x), log_y = log_softmax(x);
    const Values gradients = values(dy);
    // The kernels read y as f32, and so do the twins; by themselves the twins are exact.
    const Values twin = reference::softmax_backward(gradients, values(y), count);
    const Values log_twin = reference::log_softmax_backward(gradients, values(log_y), count);
    if (channels < 40) {
      const Values exact = values(x);
      reference::expect_differences(
          [&](const Values& at) { return reference::softmax(at, count); }, exact, gradients,
          reference::softmax_backward(gradients, reference::softmax(exact, count), count));
      reference::expect_differences(
          [&](const Values& at) { return reference::log_softmax(at, count); }, exact, gradients,
          reference::log_softmax_backward(gradients, reference::log_softmax(exact, count), count));
    }
    reference::expect_gradient(shape, twin, 1e-6,
                               [&](const Gradient& dx) { tensor::softmax_backward(dx, dy, y); });
    reference::expect_gradient(shape, log_twin, 3e-6, [&](const Gradient& dx) {
      tensor::log_softmax_backward(dx, dy, log_y);
    });
  }
}

TEST_P(Softmax, BackwardWorksInPlace) {
  const Tensor y = softmax(reference::random({2, 37}, 3)), dy = reference::random({2, 37}, 4);
  for (const auto backward : {tensor::softmax_backward, tensor::log_softmax_backward}) {
    const Gradient apart{Tensor::empty({2, 37})}, both{reference::random({2, 37}, 4)};
    backward(apart, dy, y);
    backward(both, both.sum, y);
    EXPECT_EQ(values(apart.sum), values(both.sum));
  }
}

TEST_P(Softmax, ForbiddenTokensPassNoGradient) {
  std::vector<float> logits(40, 1.0f);
  logits[20] = -kInfinity;
  const Tensor x = Tensor::from({1, 40}, logits), dy = reference::random({1, 40}, 5);
  const Gradient dx{Tensor::empty({1, 40})};
  tensor::softmax_backward(dx, dy, softmax(x));
  EXPECT_EQ(dx.sum.data<float>()[20], 0);
  Tensor none_there = reference::random({1, 40}, 5);
  none_there.data<float>()[20] = 0;
  tensor::log_softmax_backward(dx, none_there, log_softmax(x));
  EXPECT_EQ(dx.sum.data<float>()[20], 0);
  for (const float value : dx.sum.span<float>()) EXPECT_TRUE(std::isfinite(value));
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

TEST(SoftmaxErrors, OfBackwardNameTheGradient) {
  const auto message = [](const Gradient& dx, const Tensor& dy, const Tensor& y) -> std::string {
    try {
      tensor::softmax_backward(dx, dy, y);
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  const Tensor y = Tensor::zeros({2, 3});
  EXPECT_EQ(message({Tensor::zeros({3, 2})}, y, y),
            "softmax_backward: dx is [3, 2], expected [2, 3]");
  EXPECT_EQ(message({}, Tensor::zeros({6}), y), "softmax_backward: dy is [6], expected [2, 3]");
}

}  // namespace
