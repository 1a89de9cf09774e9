#include "tensor/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/each_isa.h"
#include "tests/reference.h"

namespace {

using tensor::Tensor;

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

TEST_P(Elementwise, GeluEqualsItsTwin) {
  for (const int64_t count : {1, 15, 16, 17, 40000}) {
    const Tensor x = reference::random({count}, 3, 4);
    Tensor y = Tensor::empty({count});
    tensor::gelu_forward(y, x);
    for (int64_t i = 0; i < count; ++i) {
      const double expected = reference::gelu(x.data<float>()[i]);
      ASSERT_NEAR(y.data<float>()[i], expected, 1.5e-7 * (1 + std::abs(expected)))
          << x.data<float>()[i];
    }
  }
}

TEST_P(Elementwise, OutputsMayBeInputs) {
  Tensor x = reference::random({37}, 4), y = Tensor::empty({37}), sum = reference::random({37}, 4);
  tensor::add_forward(sum, sum, sum);
  tensor::gelu_forward(y, x);
  for (int64_t i = 0; i < 37; ++i) EXPECT_EQ(sum.data<float>()[i], 2 * x.data<float>()[i]);
  tensor::gelu_forward(x, x);
  for (int64_t i = 0; i < 37; ++i) EXPECT_EQ(x.data<float>()[i], y.data<float>()[i]);
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

}  // namespace
