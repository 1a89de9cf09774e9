#include "tensor/norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "base/parallel.h"
#include "tests/each_isa.h"
#include "tests/reference/gradient.h"
#include "tests/reference/norm.h"
#include "tests/reference/twins.h"

namespace {

using reference::Values;
using reference::values;
using tensor::Gradient;
using tensor::Tensor;

class Norm : public each_isa::Test {
 protected:
  void TearDown() override {
    base::set_num_threads(0);
    each_isa::Test::TearDown();
  }
};
INSTANTIATE_TEST_SUITE_P(Isa, Norm, each_isa::kAll, each_isa::name);

TEST_P(Norm, LayerNormEqualsItsTwin) {
  for (const int64_t channels : {1, 3, 15, 16, 17, 97, 768, 1024}) {
    for (const int64_t rows : {1, 5, 33}) {
      const Tensor x = reference::random({rows, channels}, 1), w = reference::random({channels}, 2),
                   b = reference::random({channels}, 3);
      Tensor y = Tensor::empty(x.shape()), mean, rstd;
      tensor::layer_norm_forward(y, mean, rstd, x, w, b, 1e-5f);
      EXPECT_LT(reference::max_difference(y, reference::layer_norm(x, w, b, 1e-5)), 2e-5)
          << rows << " x " << channels;
    }
  }
}

constexpr float kEps = 1e-5f;

struct Rows {
  Rows(int64_t rows, int64_t channels)
      : x(reference::random({rows, channels}, 1, 3)),
        weight(reference::random({channels}, 2)),
        bias(reference::random({channels}, 3)),
        dy(reference::random({rows, channels}, 4)),
        mean(Tensor::empty({rows})),
        rstd(Tensor::empty({rows})) {
    for (int64_t i = 0; i < x.elements(); ++i) x.data<float>()[i] += 5;
    Tensor y = Tensor::empty(x.shape());
    tensor::layer_norm_forward(y, mean, rstd, x, weight, bias, kEps);
  }
  void backward(const Gradient& dx, const Gradient& dw, const Gradient& db) const {
    tensor::layer_norm_backward(dx, dw, db, dy, x, weight, mean, rstd);
  }
  Tensor x, weight, bias, dy, mean, rstd;
};

TEST_P(Norm, LayerNormReturnsTheStatisticsThatBackwardReads) {
  for (const int64_t channels : {1, 3, 15, 16, 17, 97, 768, 1024}) {
    const Rows rows(33, channels);
    const reference::LayerNorm expected =
        reference::layer_norm(values(rows.x), values(rows.weight), values(rows.bias), kEps);
    EXPECT_LT(reference::max_difference(rows.mean, expected.mean), 5e-6) << channels;
    for (std::size_t r = 0; r < expected.rstd.size(); ++r) {
      EXPECT_NEAR(rows.rstd.span<float>()[r] / expected.rstd[r], 1, 2e-6) << channels;
    }
  }
}

TEST(NormTwins, AreTheDifferencesOfLayerNorm) {
  const Rows rows(3, 7);
  const Values x = values(rows.x), weight = values(rows.weight), bias = values(rows.bias),
               dy = values(rows.dy);
  const auto gradients = reference::layer_norm_backward(dy, x, weight, kEps);
  const auto forward = [&](const Values& at, const Values& scale, const Values& shift) {
    return reference::layer_norm(at, scale, shift, kEps).y;
  };
  reference::expect_differences([&](const Values& v) { return forward(v, weight, bias); }, x, dy,
                                gradients.dx);
  reference::expect_differences([&](const Values& v) { return forward(x, v, bias); }, weight, dy,
                                gradients.dw);
  reference::expect_differences([&](const Values& v) { return forward(x, weight, v); }, bias, dy,
                                gradients.db);
}

TEST_P(Norm, LayerNormBackwardEqualsItsTwin) {
  for (const int64_t channels : {3, 15, 16, 17, 97, 768}) {
    for (const int64_t count : {1, 5, 33, 1500}) {
      SCOPED_TRACE(base::str(count, " x ", channels));
      const Rows rows(count, channels);
      const auto expected = reference::layer_norm_backward(values(rows.dy), values(rows.x),
                                                           values(rows.weight), kEps);
      const double tolerance = 2e-5 * std::sqrt(static_cast<double>(count));
      reference::expect_gradient(rows.x.shape(), expected.dx, 2e-4,
                                 [&](const Gradient& dx) { rows.backward(dx, {}, {}); });
      reference::expect_gradient({channels}, expected.dw, tolerance,
                                 [&](const Gradient& dw) { rows.backward({}, dw, {}); });
      reference::expect_gradient({channels}, expected.db, tolerance,
                                 [&](const Gradient& db) { rows.backward({}, {}, db); });
    }
  }
}

TEST_P(Norm, LayerNormBackwardGivesTheSameBitsTogetherAsApart) {
  const Rows rows(40, 35);
  const auto gradients = [&](bool x, bool weight, bool bias) {
    const Gradient dx{x ? reference::random({40, 35}, 5) : Tensor(), true};
    const Gradient dw{weight ? reference::random({35}, 6) : Tensor(), true};
    const Gradient db{bias ? reference::random({35}, 7) : Tensor(), true};
    rows.backward(dx, dw, db);
    return std::array{dx.sum, dw.sum, db.sum};
  };
  const auto all = gradients(true, true, true);
  for (int wanted = 0; wanted < 8; ++wanted) {
    const auto some = gradients(wanted & 1, wanted & 2, wanted & 4);
    for (std::size_t i = 0; i < 3; ++i) {
      ASSERT_EQ(some[i].defined(), (wanted >> i) % 2 == 1);
      if (!some[i].defined()) continue;
      EXPECT_EQ(std::memcmp(some[i].raw(), all[i].raw(), all[i].bytes()), 0) << wanted << i;
    }
  }
}

TEST_P(Norm, LayerNormBackwardWritesOverItsGradient) {
  const Rows rows(20, 35);
  const Gradient apart{Tensor::empty({20, 35})};
  rows.backward(apart, {}, {});
  const Tensor dw = Tensor::empty({35}), dw_apart = Tensor::empty({35});
  rows.backward({}, {dw_apart}, {});
  rows.backward({rows.dy}, {dw}, {});
  EXPECT_EQ(std::memcmp(rows.dy.raw(), apart.sum.raw(), apart.sum.bytes()), 0);
  EXPECT_EQ(std::memcmp(dw.raw(), dw_apart.raw(), dw.bytes()), 0);
}

TEST_P(Norm, NoRowsAreGradientsOfZero) {
  const Rows rows(0, 3);
  const Gradient dw{reference::filled({3}, 5)}, db{reference::filled({3}, 5), true};
  rows.backward({Tensor::empty({0, 3})}, dw, db);
  EXPECT_EQ(values(dw.sum), Values(3, 0));
  EXPECT_EQ(values(db.sum), Values(3, 5));
}

TEST(NormErrors, NameTheOperationAndBothShapes) {
  Tensor y = Tensor::empty({2, 8}), none;
  const Tensor x = Tensor::zeros({2, 8});
  try {
    tensor::layer_norm_forward(y, none, none, x, Tensor::zeros({7}), Tensor::zeros({8}), 1e-5f);
    FAIL() << "no error";
  } catch (const base::ShapeError& error) {
    EXPECT_STREQ(error.what(), "layer_norm_forward: weight is [7], expected [8]");
  }
}

TEST(NormErrors, OfBackwardNameTheOperationAndBothShapes) {
  const Tensor x = Tensor::zeros({2, 8}), weight = Tensor::zeros({8}), mean = Tensor::zeros({2});
  const auto message_of = [&](const Gradient& dx, const Gradient& dw, const Tensor& rstd) {
    try {
      tensor::layer_norm_backward(dx, dw, {}, x, x, weight, mean, rstd);
    } catch (const base::Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(message_of({}, {}, Tensor()), "layer_norm_backward: rstd is absent, expected [2]");
  EXPECT_EQ(message_of({weight}, {}, mean), "layer_norm_backward: dx is [8], expected [2, 8]");
  EXPECT_EQ(message_of({}, {mean}, mean), "layer_norm_backward: dw is [2], expected [8]");
}

}  // namespace
