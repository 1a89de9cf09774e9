// How tests look at a backward operation: its twin in double precision against differences of the
// forward twin, and the kernel against its twin in every way that a Gradient can ask for.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <vector>

#include "base/parallel.h"
#include "tensor/gradient.h"
#include "tests/reference/twins.h"

namespace reference {

using Values = std::vector<double>;

inline Values values(const tensor::Tensor& x) {
  return {x.data<float>(), x.data<float>() + x.elements()};
}

/// Whether dx = J^T dy, where J is the Jacobian of `forward` (Values -> Values) at x: central
/// differences, whose error is of third order in the step.
template <class Forward>
void expect_differences(const Forward& forward, Values x, const Values& dy, const Values& dx) {
  constexpr double kStep = 1e-5;
  ASSERT_EQ(x.size(), dx.size());
  const auto weighted = [&] {
    const Values y = forward(x);
    double sum = 0;
    for (std::size_t j = 0; j < y.size(); ++j) sum += y[j] * dy[j];
    return sum;
  };
  ASSERT_EQ(forward(x).size(), dy.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double here = x[i];
    x[i] = here + kStep;
    const double above = weighted();
    x[i] = here - kStep;
    const double below = weighted();
    x[i] = here;
    const double difference = (above - below) / (2 * kStep);
    ASSERT_NEAR(dx[i], difference, 1e-7 * (1 + std::abs(difference))) << "element " << i;
  }
}

inline tensor::Tensor filled(const tensor::Shape& shape, float value) {
  tensor::Tensor result = tensor::Tensor::empty(shape);
  std::fill_n(result.data<float>(), result.elements(), value);
  return result;
}

/// Runs `backward` (a function of a Gradient) so that it stores, over NaNs, which show where an
/// element was not set or was read, and so that it adds. Each must come to the twin's `expected`
/// within `tolerance`, and both must be bitwise the same for any number of threads. If nobody
/// wants the gradient, it must do nothing.
template <class Backward>
void expect_gradient(const tensor::Shape& shape, const Values& expected, double tolerance,
                     const Backward& backward) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  const tensor::Tensor before = random(shape, 90);
  Values added = expected;
  ASSERT_EQ(static_cast<int64_t>(expected.size()), shape.elements());
  for (std::size_t i = 0; i < added.size(); ++i) added[i] += before.data<float>()[i];
  const auto run = [&](bool add) {
    const tensor::Gradient gradient{add ? random(shape, 90) : filled(shape, kNaN), add};
    backward(gradient);
    return gradient.sum;
  };
  for (const bool add : {false, true}) {
    base::set_num_threads(1);
    const tensor::Tensor sum = run(add);
    EXPECT_LT(max_difference(sum, add ? added : expected), tolerance)
        << (add ? "added " : "stored ") << shape.str();
    for (const int threads : {2, 3, 7}) {
      base::set_num_threads(threads);
      EXPECT_EQ(std::memcmp(run(add).raw(), sum.raw(), sum.bytes()), 0)
          << (add ? "added " : "stored ") << shape.str() << " by " << threads << " threads";
    }
  }
  base::set_num_threads(0);
  backward(tensor::Gradient{});
}

}  // namespace reference
