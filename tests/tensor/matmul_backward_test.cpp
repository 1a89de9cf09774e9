#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <tuple>

#include "base/parallel.h"
#include "tensor/matmul.h"
#include "tests/each_isa.h"
#include "tests/reference/gradient.h"
#include "tests/reference/matmul.h"
#include "tests/reference/twins.h"

namespace {

using reference::MatmulSizes;
using reference::Values;
using reference::values;
using tensor::Gradient;
using tensor::MatmulWeight;
using tensor::PanelOrder;
using tensor::Tensor;

class MatmulBackward : public each_isa::Test {
 protected:
  void TearDown() override {
    base::set_num_threads(0);
    each_isa::Test::TearDown();
  }
};
INSTANTIATE_TEST_SUITE_P(Isa, MatmulBackward, each_isa::kAll, each_isa::name);

struct Matrices {
  explicit Matrices(const MatmulSizes& s)
      : x(reference::random({s.rows, s.inputs}, 1)),
        w(reference::random({s.outputs, s.inputs}, 2)),
        dy(reference::random({s.rows, s.outputs}, 3)) {}
  Tensor x, w, dy;
};

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
}

/// What rounding may make of an ascending f32 sum of products of normal numbers.
double tolerance(int64_t terms) {
  const auto n = static_cast<double>(terms);
  return 4e-6 * std::sqrt(n) + 5e-8 * n;
}

TEST(MatmulBackwardTwins, AreTheDifferencesOfTheProduct) {
  const MatmulSizes s{.rows = 3, .inputs = 5, .outputs = 4};
  const Matrices m(s);
  const Values x = values(m.x), w = values(m.w), dy = values(m.dy),
               bias = values(reference::random({4}, 4));
  reference::expect_differences([&](const Values& v) { return matmul(v, w, bias, s); }, x, dy,
                                matmul_backward_input(dy, w, s));
  reference::expect_differences([&](const Values& v) { return matmul(x, v, bias, s); }, w, dy,
                                matmul_backward_weight(dy, x, s));
  reference::expect_differences([&](const Values& v) { return matmul(x, w, v, s); }, bias, dy,
                                matmul_backward_bias(dy, s));
}

void expect_gradients(const MatmulSizes& s) {
  SCOPED_TRACE(base::str(s.rows, " x ", s.inputs, " -> ", s.outputs));
  const Matrices m(s);
  const MatmulWeight weight(m.w);
  const Values x = values(m.x), w = values(m.w), dy = values(m.dy);
  reference::expect_gradient(
      m.x.shape(), matmul_backward_input(dy, w, s), tolerance(s.outputs),
      [&](const Gradient& dx) { tensor::matmul_backward_input(dx, m.dy, weight); });
  reference::expect_gradient(
      m.w.shape(), matmul_backward_weight(dy, x, s), tolerance(s.rows),
      [&](const Gradient& dw) { tensor::matmul_backward_weight(dw, {}, m.dy, m.x); });
  reference::expect_gradient(
      {s.outputs}, matmul_backward_bias(dy, s), tolerance(s.rows),
      [&](const Gradient& db) { tensor::matmul_backward_weight({}, db, m.dy, m.x); });
}

TEST_P(MatmulBackward, EqualsItsTwinForOddSizes) {
  for (const int64_t rows : {1, 5, 6, 7, 14, 33, 70}) {
    for (const int64_t inputs : {1, 3, 64, 100}) {
      for (const int64_t outputs : {1, 3, 33, 100}) expect_gradients({rows, inputs, outputs});
    }
  }
}

TEST_P(MatmulBackward, EqualsItsTwinWhereRowsGoByInChunks) {
  expect_gradients({.rows = 9001, .inputs = 3, .outputs = 2});
  // Wide rows go by in shorter chunks; the weight's gradient alone depends on them.
  const MatmulSizes s{.rows = 601, .inputs = 10001, .outputs = 2};
  const Matrices m(s);
  reference::expect_gradient(
      m.w.shape(), matmul_backward_weight(values(m.dy), values(m.x), s), tolerance(s.rows),
      [&](const Gradient& dw) { tensor::matmul_backward_weight(dw, {}, m.dy, m.x); });
}

TEST_P(MatmulBackward, EqualsItsTwinWhereOutputsGoByInPasses) {
  expect_gradients({.rows = 2050, .inputs = 2, .outputs = 2050});
}

TEST_P(MatmulBackward, GivesWeightAndBiasTheSameBitsTogetherAsApart) {
  const Matrices m({.rows = 40, .inputs = 35, .outputs = 21});
  const auto gradients = [&](bool weight, bool bias) {
    const Gradient dw{weight ? reference::random({21, 35}, 5) : Tensor(), true};
    const Gradient db{bias ? reference::random({21}, 6) : Tensor(), true};
    tensor::matmul_backward_weight(dw, db, m.dy, m.x);
    return std::pair(dw.sum, db.sum);
  };
  const auto [dw, db] = gradients(true, true);
  EXPECT_TRUE(same_bits(gradients(true, false).first, dw));
  EXPECT_TRUE(same_bits(gradients(false, true).second, db));
}

TEST_P(MatmulBackward, ARowsGradientIsTheSameBitsAloneAndAmongOthers) {
  const Matrices m({.rows = 100, .inputs = 67, .outputs = 333});
  const MatmulWeight weight(m.w);
  const auto input_gradient = [&](const Tensor& dy) {
    const Gradient dx{Tensor::empty({dy.dim(0), 67})};
    tensor::matmul_backward_input(dx, dy, weight);
    return dx.sum;
  };
  const Tensor all = input_gradient(m.dy);
  for (const int64_t rows : {1, 2, 3, 7, 14, 15, 28}) {
    EXPECT_TRUE(same_bits(input_gradient(m.dy.slice(50, 50 + rows)), all.slice(50, 50 + rows)))
        << rows << " rows";
  }
}

TEST_P(MatmulBackward, SumsOverAVocabularyLoseNothing) {
  // Many small terms of one sign behind one large one: in a single f32 chain they lose 4e-4.
  const MatmulSizes s{.rows = 3, .inputs = 5, .outputs = 30524};
  Tensor w = reference::random({s.outputs, s.inputs}, 1, 0.1f);
  Tensor dy = Tensor::empty({s.rows, s.outputs});
  for (int64_t i = 0; i < w.elements(); ++i) w.data<float>()[i] += 0.12f;
  for (int64_t i = 0; i < dy.elements(); ++i) {
    dy.data<float>()[i] = i % s.outputs == 102 ? -0.5f : 1.7e-5f;
  }
  const Gradient dx{Tensor::empty({s.rows, s.inputs})};
  tensor::matmul_backward_input(dx, dy, MatmulWeight(w));
  const Values expected = matmul_backward_input(values(dy), values(w), s);
  double largest = 0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  EXPECT_LT(reference::max_difference(dx.sum, expected), 1e-5 * largest);
}

TEST_P(MatmulBackward, TwoHalvesOfABatchAddUpToTheWhole) {
  const MatmulSizes s{.rows = 120, .inputs = 40, .outputs = 30};
  const Matrices m(s);
  const Tensor dw = Tensor::zeros({30, 40}), db = Tensor::zeros({30});
  for (const int64_t half : {0, 60}) {
    tensor::matmul_backward_weight({dw, half > 0}, {db, half > 0}, m.dy.slice(half, half + 60),
                                   m.x.slice(half, half + 60));
  }
  const Values x = values(m.x), dy = values(m.dy);
  EXPECT_LT(reference::max_difference(dw, matmul_backward_weight(dy, x, s)), tolerance(120));
  EXPECT_LT(reference::max_difference(db, matmul_backward_bias(dy, s)), tolerance(120));
}

TEST_P(MatmulBackward, GivesAPatchProjectionsGradientItsShape) {
  const Matrices m({.rows = 9, .inputs = 12, .outputs = 7});
  const Gradient patches{Tensor::empty({7, 3, 2, 2})}, flat{Tensor::empty({7, 12})};
  tensor::matmul_backward_weight(patches, {}, m.dy, m.x);
  tensor::matmul_backward_weight(flat, {}, m.dy, m.x);
  EXPECT_TRUE(same_bits(patches.sum.reshape({7, 12}), flat.sum));
}

TEST_P(MatmulBackward, NoRowsAreGradientsOfZero) {
  const Tensor x = Tensor::empty({0, 3}), dy = Tensor::empty({0, 2});
  const auto gradients = [&](bool add) {
    const Gradient dw{reference::filled({2, 3}, 5), add}, db{reference::filled({2}, 5), add};
    tensor::matmul_backward_weight(dw, db, dy, x);
    tensor::matmul_backward_input({Tensor::empty({0, 3}), add}, dy,
                                  MatmulWeight(Tensor::zeros({2, 3})));
    return std::pair(dw.sum, db.sum);
  };
  for (const bool add : {false, true}) {
    const auto [dw, db] = gradients(add);
    EXPECT_TRUE(same_bits(dw, reference::filled({2, 3}, add ? 5 : 0)));
    EXPECT_TRUE(same_bits(db, reference::filled({2}, add ? 5 : 0)));
  }
}

TEST_P(MatmulBackward, ReadsHalfAndBFloat16Weights) {
  for (const int64_t inputs : {1, 15, 16, 37}) {
    const MatmulSizes s{.rows = 3, .inputs = inputs, .outputs = 35};
    Matrices m(s);
    Tensor half = Tensor::empty(m.w.shape(), tensor::DType::f16);
    Tensor bfloat = Tensor::empty(m.w.shape(), tensor::DType::bf16);
    for (int64_t i = 0; i < m.w.elements(); ++i) {  // values that both formats hold
      float& value = m.w.data<float>()[i];
      half.data<tensor::Half>()[i] = tensor::to_half(to_float(tensor::to_bfloat16(value)));
      value = to_float(half.data<tensor::Half>()[i]);
      bfloat.data<tensor::BFloat16>()[i] = tensor::to_bfloat16(value);
    }
    const auto input_gradient = [&](const Tensor& source) {
      const Gradient dx{Tensor::empty({3, inputs})};
      tensor::matmul_backward_input(dx, m.dy, MatmulWeight(source));
      return dx.sum;
    };
    const Tensor expected = input_gradient(m.w);
    EXPECT_TRUE(same_bits(input_gradient(half), expected));
    EXPECT_TRUE(same_bits(input_gradient(bfloat), expected));
  }
}

TEST_P(MatmulBackward, ReadsWhatWasWrittenThroughACopyOfTheSource) {
  const MatmulSizes s{.rows = 4, .inputs = 10, .outputs = 6};
  const Matrices m(s);
  const MatmulWeight weight(m.w);
  const Gradient dx{Tensor::empty({4, 10})};
  tensor::matmul_backward_input(dx, m.dy, weight);
  Tensor copy = m.w;
  copy.data<float>()[17] += 3;
  tensor::matmul_backward_input(dx, m.dy, weight);
  EXPECT_LT(reference::max_difference(dx.sum, matmul_backward_input(values(m.dy), values(m.w), s)),
            tolerance(6));
}

TEST(MatmulBackwardPanels, AreMadeForWhatIsMultipliedAlone) {
  const Matrices m({.rows = 4, .inputs = 10, .outputs = 6});
  const MatmulWeight weight(m.w);
  tensor::matmul_backward_input({}, m.dy, weight);
  EXPECT_EQ(weight.panel_bytes(), 0);
  tensor::matmul_backward_input({Tensor::empty({4, 10})}, m.dy, weight);
  EXPECT_EQ(weight.panel_bytes(), weight.panels({.order = PanelOrder::transposed}).bytes());
}

TEST(MatmulBackwardErrors, NameTheOperationAndBothShapes) {
  const MatmulWeight weight(Tensor::zeros({4, 3}));
  const Tensor dy = Tensor::zeros({2, 4}), x = Tensor::zeros({2, 3});
  const auto message_of = [](const auto& call) -> std::string {
    try {
      call();
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  const auto input = [&](const Gradient& dx, const Tensor& gradient, const MatmulWeight& w) {
    return message_of([&] { tensor::matmul_backward_input(dx, gradient, w); });
  };
  EXPECT_EQ(input({Tensor::zeros({2, 4})}, dy, weight),
            "matmul_backward_input: dx is [2, 4], expected [2, 3]");
  EXPECT_EQ(input({x}, x, weight), "matmul_backward_input: dy is [2, 3], expected [2, 4]");
  EXPECT_EQ(input({}, Tensor(), weight), "matmul_backward_input: dy is absent, expected [M, 4]");
  EXPECT_EQ(input({x}, dy, MatmulWeight()),
            "matmul_backward_input: weight is absent, expected [N, K]");
  const auto parameters = [&](const Gradient& dw, const Gradient& db, const Tensor& gradient) {
    return message_of([&] { tensor::matmul_backward_weight(dw, db, gradient, x); });
  };
  EXPECT_EQ(parameters({Tensor::zeros({3, 4})}, {}, dy),
            "matmul_backward_weight: dw is [3, 4], expected [4, 3]");
  EXPECT_EQ(parameters({Tensor::zeros({12})}, {}, dy),
            "matmul_backward_weight: dw is [12], expected [4, 3]");
  EXPECT_EQ(parameters({Tensor::zeros({4, 3}, tensor::DType::f64)}, {}, dy),
            "matmul_backward_weight: dw is f64, expected f32");
  EXPECT_EQ(parameters({}, {Tensor::zeros({3})}, dy),
            "matmul_backward_weight: db is [3], expected [4]");
  EXPECT_EQ(parameters({}, {}, Tensor::zeros({3, 4})),
            "matmul_backward_weight: x is [2, 3], expected [3, 3]");
  EXPECT_EQ(parameters({}, {}, Tensor()),
            "matmul_backward_weight: dy is absent, expected two axes, the second at least 1");
}

}  // namespace
