#include "tensor/reduce.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/each_isa.h"
#include "tests/reference/gradient.h"

namespace {

using reference::Values;
using reference::values;
using tensor::Gradient;
using tensor::Tensor;

TEST(WeightedSum, IsTakenInDoublePrecision) {
  // In f32 the 1 would be lost beside 1e8.
  Tensor y = Tensor::empty({});
  tensor::weighted_sum_forward(y, Tensor::from<float>({3}, {1e8f, 1, -1e8f}),
                               Tensor::from<float>({3}, {1, 0.5f, 1}));
  EXPECT_EQ(*y.data<float>(), 0.5f);
  tensor::weighted_sum_forward(y, Tensor::empty({0}), Tensor::empty({0}));
  EXPECT_EQ(*y.data<float>(), 0);

  const Tensor x = reference::random({1009}, 1), weights = reference::random({1009}, 2);
  tensor::weighted_sum_forward(y, x, weights);
  double expected = 0;
  for (int64_t i = 0; i < 1009; ++i) {
    expected += double{x.data<float>()[i]} * weights.data<float>()[i];
  }
  EXPECT_EQ(*y.data<float>(), static_cast<float>(expected));
}

TEST(WeightedSum, BackwardEqualsItsTwin) {
  const Tensor weights = reference::random({37}, 3), dy = Tensor::from<float>({}, {-1.5f});
  Values twin = values(weights);
  for (double& value : twin) value *= -1.5;
  reference::expect_differences(
      [&](const Values& x) {
        double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * values(weights)[i];
        return Values{sum};
      },
      values(reference::random({37}, 4)), {-1.5}, twin);
  reference::expect_gradient({37}, twin, 1e-6, [&](const Gradient& dx) {
    tensor::weighted_sum_backward(dx, dy, weights);
  });
}

class SumOfSquares : public each_isa::Test {};
INSTANTIATE_TEST_SUITE_P(Isa, SumOfSquares, each_isa::kAll, each_isa::name);

TEST_P(SumOfSquares, EqualsItsTwinWhateverTheThreads) {
  for (const int64_t count : {0, 1, 15, 16, 17, 65535, 65536, 65537, 300007}) {
    const Tensor x = reference::random({count}, 5, 3);
    double expected = 0;
    for (const float value : x.span<float>()) expected += double{value} * value;
    base::set_num_threads(1);
    const double sum = tensor::sum_of_squares(x);
    EXPECT_NEAR(sum, expected, 1e-12 * expected) << count;
    for (const int threads : {2, 3, 7}) {
      base::set_num_threads(threads);
      EXPECT_EQ(tensor::sum_of_squares(x), sum) << count << ", " << threads << " threads";
    }
    base::set_num_threads(0);
    tensor::cpu::use_isa("generic");
    EXPECT_EQ(tensor::sum_of_squares(x), sum) << count;
    tensor::cpu::use_isa(GetParam());
  }
}

TEST_P(SumOfSquares, DoesNotOverflowAndShowsANaN) {
  EXPECT_NEAR(tensor::sum_of_squares(reference::filled({2, 50}, 1e30f)) / 1e62, 1, 1e-6);
  Tensor x = Tensor::zeros({40});
  x.data<float>()[37] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(tensor::sum_of_squares(x)));
}

TEST(ReduceErrors, NameTheOperationAndTheShapes) {
  const auto message = [](const Gradient& dx, const Tensor& dy,
                          const Tensor& weights) -> std::string {
    try {
      tensor::weighted_sum_backward(dx, dy, weights);
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  const Tensor weights = Tensor::zeros({3}), dy = Tensor::zeros({});
  EXPECT_EQ(message({Tensor::zeros({2})}, dy, weights),
            "weighted_sum_backward: dx is [2], expected [3]");
  EXPECT_EQ(message({}, Tensor::zeros({1}), weights),
            "weighted_sum_backward: dy is [1], expected []");
  EXPECT_EQ(message({}, dy, Tensor::zeros({3, 1})),
            "weighted_sum_backward: weights is [3, 1], expected [3]");
  EXPECT_THROW(tensor::sum_of_squares(Tensor::zeros({2}, tensor::DType::f16)), base::DTypeError);
  EXPECT_THROW(tensor::sum_of_squares({}), base::ShapeError);
}

}  // namespace
