#include "nn/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "nn/schedule.h"
#include "tests/errors.h"
#include "tests/reference/twins.h"

namespace {

using nn::Adamw;
using nn::Decay;
using nn::Parameter;
using nn::Schedule;
using tensor::Tensor;
using testing::HasSubstr;

TEST(Schedule, RisesAndFalls) {
  const auto rates = [](Decay decay, int64_t warmup) {
    const Schedule schedule{
        .peak = 2, .decay = decay, .warmup_steps = warmup, .total_steps = warmup + 4};
    std::vector<float> result;
    for (int64_t step = 1; step <= warmup + 5; ++step) result.push_back(schedule.rate(step));
    return result;
  };
  using testing::ElementsAre;
  using testing::FloatNear;
  EXPECT_THAT(rates(Decay::constant, 2), ElementsAre(1, 2, 2, 2, 2, 2, 2));
  EXPECT_THAT(rates(Decay::linear, 2), ElementsAre(1, 2, 2, 1.5f, 1, 0.5f, 0));
  const float side = static_cast<float>(1 + std::sqrt(0.5));
  EXPECT_THAT(rates(Decay::cosine, 0),
              ElementsAre(2, FloatNear(side, 1e-6f), FloatNear(1, 1e-6f),
                          FloatNear(2 - side, 1e-6f), FloatNear(0, 1e-6f)));
  EXPECT_EQ((Schedule{.peak = 2, .warmup_steps = 9, .total_steps = 4}).rate(3), 2 * 3 / 9.f);
}

/// A parameter of so many elements, and a gradient of its own.
struct Trained {
  explicit Trained(const tensor::Shape& shape, uint64_t seed) {
    parameter.assign(reference::random(shape, seed));
    parameter.set_requires_grad(true);
    set_gradient(reference::random(shape, seed + 50));
  }
  void set_gradient(const Tensor& gradient) { parameter.var().gradient.add(gradient); }
  Parameter parameter;
};

TEST(AdamwOfParameters, ClipsByTheNormOfAllGradients) {
  Trained a({2, 3}, 1), b({4}, 2);
  double squares = 0;
  for (const Trained* trained : {&a, &b}) {
    for (const float g : trained->parameter.grad().span<float>()) squares += double{g} * double{g};
  }
  // The first step of AdamW without decay moves each element by the rate, whatever the gradient's
  // scale, unless epsilon matters: so it is made large here.
  const auto after = [](double max_norm) {
    Trained x({2, 3}, 1), y({4}, 2);
    Adamw adamw({{"x", &x.parameter}, {"y", &y.parameter}}, {.epsilon = 10, .weight_decay = 0});
    const double norm = adamw.step(1, max_norm);
    return std::pair{norm, x.parameter.value()};
  };
  const auto [norm, moved] = after(1e9);
  EXPECT_NEAR(norm, std::sqrt(squares), 1e-6 * norm);
  const auto [same_norm, moved_less] = after(norm / 4);
  EXPECT_EQ(same_norm, norm);
  for (std::size_t i = 0; i < 6; ++i) {
    const double start = a.parameter.value().span<float>()[i],
                 g = a.parameter.grad().span<float>()[i];
    EXPECT_NEAR(moved.span<float>()[i], start - g / (std::abs(g) + 10), 1e-5);
    EXPECT_NEAR(moved_less.span<float>()[i], start - g / 4 / (std::abs(g) / 4 + 10), 1e-5);
  }
}

TEST(AdamwOfParameters, DecaysVectorsOnlyIfTold) {
  for (const bool decay_vectors : {true, false}) {
    Trained matrix({2, 2}, 1), bias({2}, 2);
    const float start = matrix.parameter.value().span<float>()[0],
                bias_start = bias.parameter.value().span<float>()[0];
    matrix.parameter.clear_grad();
    bias.parameter.clear_grad();
    matrix.set_gradient(Tensor::zeros({2, 2}));
    bias.set_gradient(Tensor::zeros({2}));
    Adamw adamw({{"m", &matrix.parameter}, {"b", &bias.parameter}},
                {.weight_decay = 0.5f, .decay_vectors = decay_vectors});
    adamw.step(0.1f);
    EXPECT_FLOAT_EQ(matrix.parameter.value().span<float>()[0], start * 0.95f);
    EXPECT_FLOAT_EQ(bias.parameter.value().span<float>()[0],
                    decay_vectors ? bias_start * 0.95f : bias_start);
  }
}

TEST(AdamwOfParameters, StepsOverNothingThatIsNoNumber) {
  Trained a({3}, 1);
  Adamw adamw({{"a", &a.parameter}}, {});
  const float start = a.parameter.value().span<float>()[0];
  a.set_gradient(Tensor::from<float>({3}, {0, std::numeric_limits<float>::quiet_NaN(), 0}));
  EXPECT_TRUE(std::isnan(adamw.step(1)));
  EXPECT_EQ(a.parameter.value().span<float>()[0], start);
  EXPECT_FALSE(a.parameter.grad().defined());
  EXPECT_EQ(adamw.steps(), 0);
}

TEST(AdamwOfParameters, GoesOnBitwiseFromItsState) {
  const auto run = [](int stop) {
    Trained a({5, 7}, 1);
    a.parameter.clear_grad();
    auto adamw = std::make_unique<Adamw>(
        std::vector<std::pair<std::string, Parameter*>>{{"a", &a.parameter}}, nn::AdamwOptions{});
    for (int step = 1; step <= 6; ++step) {
      if (step == stop) {
        const tensor::TensorMap state = adamw->state();
        const int64_t steps = adamw->steps();
        auto other = std::make_unique<Adamw>(
            std::vector<std::pair<std::string, Parameter*>>{{"a", &a.parameter}},
            nn::AdamwOptions{});
        other->restore(state, steps);
        adamw = std::move(other);
      }
      a.set_gradient(reference::random({5, 7}, static_cast<uint64_t>(step)));
      adamw->step(0.01f, 1);
    }
    return a.parameter.value();
  };
  const Tensor straight = run(0), stopped = run(4);
  EXPECT_EQ(std::memcmp(straight.raw(), stopped.raw(), straight.bytes()), 0);
}

TEST(AdamwOfParameters, RefusesWhatIsNotItsOwn) {
  Trained a({3}, 1);
  Adamw adamw({{"a", &a.parameter}}, {});
  const auto error = [&](const tensor::TensorMap& state) {
    return error_of<base::FormatError>([&] { adamw.restore(state, 1); });
  };
  EXPECT_EQ(error({{"first.a", Tensor::zeros({3})}}), "AdamW: the state has no second.a");
  EXPECT_EQ(error({{"first.b", Tensor::zeros({3})}}),
            "AdamW: the state's first.b belongs to no parameter");
  EXPECT_EQ(error({{"first.a", Tensor::zeros({4})}}),
            "AdamW: the state's first.a is [4], expected [3]");
  Parameter frozen;
  frozen.assign(Tensor::zeros({3}));
  EXPECT_THAT(error_of<base::UsageError>([&] {
                Adamw({{"frozen", &frozen}}, {});
              }),
              HasSubstr("frozen does not want a gradient"));
}

}  // namespace
