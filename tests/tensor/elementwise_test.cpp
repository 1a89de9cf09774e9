#include "tensor/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/each_isa.h"
#include "tests/reference/activation.h"
#include "tests/reference/gradient.h"

namespace {

using tensor::Activation;
using tensor::Tensor;

constexpr Activation kActivations[] = {Activation::none, Activation::gelu, Activation::gelu_tanh,
                                       Activation::gelu_quick};

class Elementwise : public each_isa::Test {};
INSTANTIATE_TEST_SUITE_P(Isa, Elementwise, each_isa::kAll, each_isa::name);

TEST_P(Elementwise, AddIsTheRoundedSum) {
  for (const int64_t count : {1, 15, 16, 17, 40000}) {
    const Tensor a = reference::random({count}, 1), b = reference::random({count}, 2);
    Tensor y = Tensor::empty({count});
    tensor::add_forward(y, a, b);
    for (int64_t i = 0; i < count; ++i) {
      ASSERT_EQ(y.data<float>()[i], a.data<float>()[i] + b.data<float>()[i]);
    }
  }
}

TEST_P(Elementwise, ActivationsEqualTheirTwins) {
  for (const Activation activation : kActivations) {
    for (const int64_t count : {1, 15, 16, 17, 40000}) {
      const Tensor x = reference::random({count}, 3, 4);
      Tensor y = Tensor::empty({count});
      tensor::activation_forward(y, x, activation);
      for (int64_t i = 0; i < count; ++i) {
        const double expected = reference::activation(x.data<float>()[i], activation);
        ASSERT_NEAR(y.data<float>()[i], expected, 2e-7 * (1 + std::abs(expected)))
            << "activation " << static_cast<int>(activation) << " of " << x.data<float>()[i];
      }
    }
  }
}

TEST_P(Elementwise, ActivationBackwardEqualsItsTwin) {
  for (const Activation activation : kActivations) {
    for (const int64_t count : {1, 15, 16, 17, 33, 40000}) {
      const Tensor x = reference::random({count}, 3, 3), dy = reference::random({count}, 4);
      reference::Values twin;
      for (int64_t i = 0; i < count; ++i) {
        twin.push_back(dy.data<float>()[i] *
                       reference::activation_derivative(x.data<float>()[i], activation));
      }
      if (count < 50) {
        reference::expect_differences(
            [&](reference::Values values) {
              for (double& value : values) value = reference::activation(value, activation);
              return values;
            },
            reference::values(x), reference::values(dy), twin);
      }
      reference::expect_gradient({count}, twin, 2e-6, [&](const tensor::Gradient& dx) {
        tensor::activation_backward(dx, dy, x, activation);
      });
    }
  }
}

TEST_P(Elementwise, ActivationBackwardIsAccurateEverywhere) {
  for (const Activation activation : kActivations) {
    Tensor x = Tensor::empty({40001}), dx = Tensor::empty({40001});
    for (int i = 0; i <= 40000; ++i) x.data<float>()[i] = static_cast<float>(i - 20000) * 1e-3f;
    tensor::activation_backward({dx}, reference::filled({40001}, 1), x, activation);
    for (int i = 0; i <= 40000; ++i) {
      const float at = x.data<float>()[i];
      ASSERT_NEAR(dx.data<float>()[i], reference::activation_derivative(at, activation), 6e-7)
          << "activation " << static_cast<int>(activation) << " at " << at;
    }
  }
}

TEST_P(Elementwise, ActivationsOfExtremesAreTheirLimits) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Tensor x = Tensor::from<float>({6}, {-3e38f, -1e20f, -90, 90, 3e38f, kInfinity});
  const Tensor nan = reference::filled({40}, std::numeric_limits<float>::quiet_NaN());
  for (const Activation activation : kActivations) {
    if (activation == Activation::none) continue;
    Tensor y = Tensor::empty({6}), dx = Tensor::empty({6});
    tensor::activation_forward(y, x, activation);
    tensor::activation_backward({dx}, reference::filled({6}, 1), x, activation);
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(y.data<float>()[i], i < 3 ? 0 : x.data<float>()[i])
          << "activation " << static_cast<int>(activation) << " of " << x.data<float>()[i];
      EXPECT_EQ(dx.data<float>()[i], i < 3 ? 0 : 1)
          << "activation " << static_cast<int>(activation) << " of " << x.data<float>()[i];
    }
    Tensor y_nan = Tensor::empty({40}), dx_nan = Tensor::empty({40});
    tensor::activation_forward(y_nan, nan, activation);
    tensor::activation_backward({dx_nan}, reference::filled({40}, 1), nan, activation);
    for (int i = 0; i < 40; ++i) {
      EXPECT_TRUE(std::isnan(y_nan.data<float>()[i])) << static_cast<int>(activation);
      EXPECT_TRUE(std::isnan(dx_nan.data<float>()[i])) << static_cast<int>(activation);
    }
  }
}

TEST_P(Elementwise, ActivationBackwardWorksInPlace) {
  for (const Activation activation : kActivations) {
    const Tensor x = reference::random({1003}, 5, 3), dy = reference::random({1003}, 6);
    Tensor apart = Tensor::empty({1003}), both = reference::random({1003}, 6);
    tensor::activation_backward({apart}, dy, x, activation);
    tensor::activation_backward({both}, both, x, activation);
    for (int64_t i = 0; i < 1003; ++i) EXPECT_EQ(both.data<float>()[i], apart.data<float>()[i]);
  }
}

TEST_P(Elementwise, AccumulateAddsIntoTheSum) {
  const Tensor x = reference::random({2, 37}, 7), before = reference::random({2, 37}, 8);
  Tensor sum = reference::random({2, 37}, 8);
  tensor::accumulate(sum, x);
  for (int64_t i = 0; i < 74; ++i) {
    EXPECT_EQ(sum.data<float>()[i], before.data<float>()[i] + x.data<float>()[i]);
  }
}

TEST_P(Elementwise, ScaleMultipliesForwardAndBackward) {
  for (const int64_t count : {1, 15, 16, 17, 40000}) {
    const Tensor x = reference::random({count}, 9);
    Tensor y = Tensor::empty({count});
    tensor::scale_forward(y, x, -0.37f);
    reference::Values twin = reference::values(x);
    for (double& value : twin) value *= double{-0.37f};
    EXPECT_LT(reference::max_difference(y, twin), 1e-6);
    reference::expect_gradient({count}, twin, 1e-6, [&](const tensor::Gradient& dx) {
      tensor::scale_backward(dx, x, -0.37f);
    });
  }
}

TEST_P(Elementwise, OutputsMayBeInputs) {
  Tensor sum = reference::random({37}, 4);
  const Tensor x = reference::random({37}, 4);
  tensor::add_forward(sum, sum, sum);
  for (int64_t i = 0; i < 37; ++i) EXPECT_EQ(sum.data<float>()[i], 2 * x.data<float>()[i]);
  for (const Activation activation : kActivations) {
    Tensor y = Tensor::empty({37}), both = reference::random({37}, 4);
    tensor::activation_forward(y, x, activation);
    tensor::activation_forward(both, both, activation);
    for (int64_t i = 0; i < 37; ++i) EXPECT_EQ(both.data<float>()[i], y.data<float>()[i]);
  }
}

TEST(ElementwiseErrors, NameTheOperationAndBothShapes) {
  Tensor y = Tensor::empty({4});
  const auto message = [&](const Tensor& a, const Tensor& b) -> std::string {
    try {
      tensor::add_forward(y, a, b);
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message(Tensor::zeros({4}), Tensor::zeros({5})), "add_forward: b is [5], expected [4]");
  EXPECT_EQ(message(Tensor::zeros({5}), Tensor::zeros({5})), "add_forward: y is [4], expected [5]");
  EXPECT_EQ(message(Tensor::zeros({4}), {}), "add_forward: b is absent, expected [4]");
  EXPECT_EQ(message(Tensor::zeros({4}, tensor::DType::f16), Tensor::zeros({4})),
            "add_forward: a is f16, expected f32");
}

TEST(ElementwiseErrors, OfBackwardNameTheGradient) {
  const auto message = [](const tensor::Gradient& dx, const Tensor& dy,
                          const Tensor& x) -> std::string {
    try {
      tensor::activation_backward(dx, dy, x, Activation::gelu);
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  const Tensor four = Tensor::zeros({4}), five = Tensor::zeros({5});
  EXPECT_EQ(message({five}, four, four), "activation_backward: dx is [5], expected [4]");
  EXPECT_EQ(message({}, four, five), "activation_backward: pre_activation is [5], expected [4]");
  EXPECT_EQ(message({Tensor::zeros({4}, tensor::DType::bf16)}, four, four),
            "activation_backward: dx is bf16, expected f32");
}

}  // namespace
