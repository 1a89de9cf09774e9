#include "tensor/dropout.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "base/parallel.h"
#include "base/random.h"
#include "tensor/index.h"
#include "tests/errors.h"
#include "tests/reference/gradient.h"

namespace {

using reference::Values;
using tensor::DropoutMask;
using tensor::Tensor;

/// Rows for the tokens 0.. of each sample, so many as `lengths` says.
DropoutMask mask_of(const std::vector<int64_t>& samples, const std::vector<int64_t>& lengths,
                    float probability, uint64_t key = 7) {
  std::vector<int64_t> sample, token;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (int64_t t = 0; t < lengths[i]; ++t) {
      sample.push_back(samples[i]);
      token.push_back(t);
    }
  }
  return {.probability = probability,
          .key = key,
          .samples = tensor::indices("samples", sample, INT32_MAX),
          .tokens = tensor::indices("tokens", token, INT32_MAX)};
}

Tensor dropped(const Tensor& x, const DropoutMask& mask) {
  Tensor y = Tensor::empty(x.shape());
  tensor::dropout_forward(y, x, mask);
  return y;
}

/// The definition, element by element.
Values twin(const Tensor& x, const DropoutMask& mask) {
  const int64_t channels = x.dim(-1);
  Values y;
  for (int64_t i = 0; i < x.elements(); ++i) {
    const auto row = static_cast<std::size_t>(i / channels);
    const auto c = static_cast<uint32_t>(i % channels);
    const auto words =
        base::philox({c / 4, static_cast<uint32_t>(mask.tokens.span<int32_t>()[row]),
                      static_cast<uint32_t>(mask.samples.span<int32_t>()[row]), 0},
                     {static_cast<uint32_t>(mask.key), static_cast<uint32_t>(mask.key >> 32)});
    const bool zero = words[c % 4] < double{mask.probability} * 0x1p32;
    y.push_back(zero ? 0
                     : double{x.span<float>()[static_cast<std::size_t>(i)]} /
                           (1 - double{mask.probability}));
  }
  return y;
}

TEST(Dropout, EqualsItsTwinForwardAndBackward) {
  for (const int64_t channels : {1, 3, 4, 17, 5000}) {
    const DropoutMask mask = mask_of({3, 1000000}, {2, 5}, 0.3f, 0x123456789abcdef0);
    const Tensor x = reference::random({7, channels}, 1);
    EXPECT_LT(reference::max_difference(dropped(x, mask), twin(x, mask)), 1e-6);
    if (channels < 20) {
      reference::expect_differences(
          [&](const Values& values) {
            Tensor ones = reference::filled({7, channels}, 1);
            Values y = twin(ones, mask);
            for (std::size_t i = 0; i < y.size(); ++i) y[i] *= values[i];
            return y;
          },
          reference::values(reference::random({7, channels}, 2)), reference::values(x),
          twin(x, mask));
    }
    reference::expect_gradient({7, channels}, twin(x, mask), 1e-6, [&](const tensor::Gradient& dx) {
      tensor::dropout_backward(dx, x, mask);
    });
  }
}

TEST(Dropout, DropsTheShareThatItSaysAndKeepsTheMean) {
  const Tensor ones = reference::filled({1000, 100}, 1);
  for (const float probability : {0.05f, 0.5f, 0.9f}) {
    const Tensor y = dropped(ones, mask_of({0}, {1000}, probability));
    double zeros = 0, sum = 0;
    for (const float value : y.span<float>()) zeros += value == 0, sum += double{value};
    EXPECT_NEAR(zeros / 1e5, probability, 0.006);
    EXPECT_NEAR(sum / 1e5, 1, 0.04);
  }
  const Tensor y = dropped(ones, mask_of({0}, {1000}, 0));
  EXPECT_EQ(std::memcmp(y.raw(), ones.raw(), ones.bytes()), 0);
}

TEST(Dropout, DependsOnTheSampleAndNotOnItsPlace) {
  const Tensor x = reference::filled({5, 40}, 1);
  const Tensor together = dropped(x, mask_of({8, 9}, {2, 3}, 0.5f));
  const Tensor first = dropped(x.slice(0, 2), mask_of({8}, {2}, 0.5f));
  const Tensor second = dropped(x.slice(0, 3), mask_of({9}, {3}, 0.5f));
  EXPECT_EQ(std::memcmp(together.slice(0, 2).raw(), first.raw(), first.bytes()), 0);
  EXPECT_EQ(std::memcmp(together.slice(2, 5).raw(), second.raw(), second.bytes()), 0);
  // Other tokens, samples and keys have other masks.
  EXPECT_NE(std::memcmp(first.slice(0, 1).raw(), first.slice(1, 2).raw(), 160), 0);
  EXPECT_NE(std::memcmp(first.slice(0, 1).raw(), second.slice(0, 1).raw(), 160), 0);
  const Tensor other = dropped(x.slice(0, 2), mask_of({8}, {2}, 0.5f, 8));
  EXPECT_NE(std::memcmp(first.raw(), other.raw(), first.bytes()), 0);
}

TEST(Dropout, KeysDifferWithSeedStepAndModule) {
  const uint64_t key = tensor::dropout_key(1, 2, "a.b");
  EXPECT_EQ(key, tensor::dropout_key(1, 2, "a.b"));
  for (const uint64_t other : {tensor::dropout_key(2, 2, "a.b"), tensor::dropout_key(1, 3, "a.b"),
                               tensor::dropout_key(1, 2, "a.c"), tensor::dropout_key(2, 1, "a.b"),
                               tensor::dropout_key(1, 2, "")}) {
    EXPECT_NE(key, other);
  }
}

TEST(Dropout, WorksInPlace) {
  Tensor x = reference::random({7, 33}, 1);
  const DropoutMask mask = mask_of({0}, {7}, 0.4f);
  const Tensor apart = dropped(x, mask);
  tensor::dropout_forward(x, x, mask);
  EXPECT_EQ(std::memcmp(x.raw(), apart.raw(), apart.bytes()), 0);
}

TEST(DropoutErrors, NameWhatIsWrong) {
  Tensor x = Tensor::zeros({3, 4});
  DropoutMask mask = mask_of({0}, {2}, 0.5f);
  EXPECT_EQ(error_of<base::ShapeError>([&] { tensor::dropout_forward(x, x, mask); }),
            "dropout_forward: samples is [2], expected [3]");
  mask = mask_of({0}, {3}, 1);
  EXPECT_EQ(error_of<base::UsageError>([&] { tensor::dropout_backward({}, x, mask); }),
            "dropout_backward: the probability is 1, expected one in [0, 1)");
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              tensor::dropout_backward({Tensor::zeros({3, 3})}, x, mask_of({0}, {3}, 0.5f));
            }),
            "dropout_backward: dx is [3, 3], expected [3, 4]");
}

}  // namespace
