#include "tensor/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "base/parallel.h"
#include "tests/each_isa.h"
#include "tests/errors.h"
#include "tests/reference/twins.h"

namespace {

using tensor::AdamwStep;
using tensor::AdamwTensor;
using tensor::Tensor;

class Adamw : public each_isa::Test {};
INSTANTIATE_TEST_SUITE_P(Isa, Adamw, each_isa::kAll, each_isa::name);

AdamwTensor tensor_of(int64_t count, uint64_t seed, float weight_decay) {
  return {.value = reference::random({count}, seed),
          .gradient = Tensor::empty({count}),
          .first = Tensor::zeros({count}),
          .second = Tensor::zeros({count}),
          .weight_decay = weight_decay};
}

/// The formulas of tensor/optimizer.h in double precision.
struct Twin {
  explicit Twin(const AdamwTensor& tensor)
      : value(tensor.value.span<float>().begin(), tensor.value.span<float>().end()),
        first(value.size()),
        second(value.size()) {}
  void operator()(const Tensor& gradient, double weight_decay, const AdamwStep& step) {
    const double beta1 = step.beta1, beta2 = step.beta2, rate = step.learning_rate,
                 t = static_cast<double>(step.step);
    for (std::size_t i = 0; i < value.size(); ++i) {
      const double g = double{step.gradient_scale} * double{gradient.span<float>()[i]};
      first[i] = beta1 * first[i] + (1 - beta1) * g;
      second[i] = beta2 * second[i] + (1 - beta2) * g * g;
      value[i] = (1 - rate * weight_decay) * value[i] -
                 rate * (first[i] / (1 - std::pow(beta1, t))) /
                     (std::sqrt(second[i] / (1 - std::pow(beta2, t))) + step.epsilon);
    }
  }
  std::vector<double> value, first, second;
};

TEST_P(Adamw, FollowsItsTwin) {
  for (const int64_t count : {1, 15, 16, 17, 40001}) {
    std::vector<AdamwTensor> tensors{tensor_of(count, 1, 0.05f), tensor_of(count, 2, 0)};
    std::vector<Twin> twins(tensors.begin(), tensors.end());
    for (int64_t step = 1; step <= 10; ++step) {
      const AdamwStep options{.learning_rate = 1e-2f / static_cast<float>(step),
                              .beta1 = 0.9f,
                              .beta2 = 0.98f,
                              .step = step,
                              .gradient_scale = step % 3 == 0 ? 0.25f : 1};
      for (std::size_t i = 0; i < 2; ++i) {
        tensors[i].gradient = reference::random({count}, 10 * static_cast<uint64_t>(step) + i, 3);
        twins[i](tensors[i].gradient, tensors[i].weight_decay, options);
      }
      tensor::adamw_step(tensors, options);
    }
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_LT(reference::max_difference(tensors[i].value, twins[i].value), 3e-6) << count;
      EXPECT_LT(reference::max_difference(tensors[i].first, twins[i].first), 1e-5) << count;
      EXPECT_LT(reference::max_difference(tensors[i].second, twins[i].second), 1e-5) << count;
    }
  }
}

TEST_P(Adamw, IsTheSameForAnyNumberOfThreads) {
  const auto run = [](int threads) {
    base::set_num_threads(threads);
    AdamwTensor tensor = tensor_of(100'003, 3, 0.1f);
    for (int64_t step = 1; step <= 3; ++step) {
      tensor.gradient = reference::random({100'003}, static_cast<uint64_t>(step));
      tensor::adamw_step({&tensor, 1}, {.step = step});
    }
    base::set_num_threads(0);
    return tensor.value;
  };
  const Tensor one = run(1);
  for (const int threads : {2, 3, 7}) {
    EXPECT_EQ(std::memcmp(run(threads).raw(), one.raw(), one.bytes()), 0) << threads;
  }
}

TEST(AdamwStep, LeavesAloneWhatHasNoGradient) {
  std::vector<AdamwTensor> tensors{tensor_of(5, 4, 1), tensor_of(5, 5, 1)};
  tensors[0].gradient = Tensor();
  tensors[1].gradient = reference::random({5}, 6);
  tensor::adamw_step(tensors, {});
  const Tensor before = reference::random({5}, 4);
  EXPECT_EQ(std::memcmp(tensors[0].value.raw(), before.raw(), before.bytes()), 0);
  EXPECT_NE(tensors[1].value.span<float>()[0], reference::random({5}, 5).span<float>()[0]);
  tensor::adamw_step({}, {});
}

TEST(AdamwErrors, NameWhatIsWrong) {
  AdamwTensor tensor = tensor_of(3, 7, 0);
  EXPECT_EQ(error_of<base::UsageError>([&] {
              tensor::adamw_step({&tensor, 1}, {.step = 0});
            }),
            "adamw_step: step is 0, expected 1 or more");
  tensor.gradient = Tensor::zeros({4});
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::adamw_step({&tensor, 1}, {});
            }),
            "adamw_step: gradient is [4], expected [3]");
  tensor.gradient = Tensor::zeros({3});
  tensor.second = Tensor();
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::adamw_step({&tensor, 1}, {});
            }),
            "adamw_step: second is absent, expected [3]");
}

}  // namespace
