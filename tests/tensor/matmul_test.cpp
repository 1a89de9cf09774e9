#include "tensor/matmul.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/parallel.h"
#include "tests/each_isa.h"
#include "tests/errors.h"
#include "tests/reference/twins.h"
#include "tests/temporary_folder.h"

namespace {

using tensor::Activation;
using tensor::MatmulWeight;
using tensor::PanelOrder;
using tensor::Tensor;

class Matmul : public each_isa::Test {
 protected:
  void TearDown() override {
    base::set_num_threads(0);
    each_isa::Test::TearDown();
  }
};
INSTANTIATE_TEST_SUITE_P(Isa, Matmul, each_isa::kAll, each_isa::name);

Tensor multiply(const Tensor& x, const MatmulWeight& weight,
                const tensor::MatmulEpilogue& epilogue = {}) {
  Tensor y = Tensor::empty({x.dim(0), weight.outputs()});
  tensor::matmul_forward(y, x, weight, epilogue);
  return y;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
}

TEST_P(Matmul, EqualsItsTwinForOddSizes) {
  for (const int64_t rows : {1, 2, 3, 5, 13, 14, 15, 29, 31, 61}) {
    for (const int64_t inputs : {1, 2, 3, 4, 5, 15, 16, 17, 67, 256}) {
      for (const int64_t outputs : {1, 2, 31, 32, 33, 64, 97}) {
        const Tensor x = reference::random({rows, inputs}, 1);
        const Tensor w = reference::random({outputs, inputs}, 2);
        EXPECT_LT(reference::max_difference(multiply(x, MatmulWeight(w)), reference::matmul(x, w)),
                  1e-6 * std::sqrt(static_cast<double>(inputs)) * 4)
            << rows << " x " << inputs << " -> " << outputs;
      }
    }
  }
}

TEST_P(Matmul, EqualsItsTwinWhereRowsGoByInSeveralPasses) {
  const Tensor x = reference::random({40, 131077}, 1), w = reference::random({3, 131077}, 2);
  EXPECT_LT(reference::max_difference(multiply(x, MatmulWeight(w)), reference::matmul(x, w)), 0.03);
}

constexpr Activation kActivations[] = {Activation::none, Activation::gelu, Activation::gelu_tanh,
                                       Activation::gelu_quick};

TEST_P(Matmul, AppliesBiasThenActivationThenResidual) {
  for (const int64_t outputs : {1, 15, 16, 31, 32, 45, 100}) {
    const Tensor x = reference::random({17, 33}, 1), w = reference::random({outputs, 33}, 2, 0.3f);
    const Tensor bias = reference::random({outputs}, 3);
    const Tensor residual = reference::random({17, outputs}, 4);
    for (const bool with_bias : {false, true}) {
      for (const Activation activation : kActivations) {
        for (const bool with_residual : {false, true}) {
          const tensor::MatmulEpilogue epilogue{.bias = with_bias ? bias : Tensor(),
                                                .activation = activation,
                                                .residual = with_residual ? residual : Tensor()};
          const auto expected =
              reference::matmul(x, w, epilogue.bias, activation, epilogue.residual);
          EXPECT_LT(reference::max_difference(multiply(x, MatmulWeight(w), epilogue), expected),
                    1e-5)
              << outputs << with_bias << static_cast<int>(activation) << with_residual;
        }
      }
    }
  }
}

TEST_P(Matmul, KeepsWhatTheActivationReads) {
  for (const int64_t outputs : {1, 31, 32, 45}) {
    const Tensor x = reference::random({17, 33}, 1), w = reference::random({outputs, 33}, 2, 0.3f);
    const Tensor bias = reference::random({outputs}, 3);
    const MatmulWeight weight(w);
    const Tensor linear = multiply(x, weight, {.bias = bias});
    for (const Activation activation : kActivations) {
      tensor::MatmulEpilogue epilogue{
          .bias = bias, .activation = activation, .residual = reference::random({17, outputs}, 4)};
      const Tensor y = multiply(x, weight, epilogue);
      epilogue.pre_activation = Tensor::empty({17, outputs});
      EXPECT_TRUE(same_bits(multiply(x, weight, epilogue), y));
      EXPECT_TRUE(same_bits(epilogue.pre_activation, linear));
    }
  }
}

TEST_P(Matmul, AddsAResidualInPlace) {
  const Tensor x = reference::random({30, 20}, 1), w = reference::random({50, 20}, 2);
  Tensor y = reference::random({30, 50}, 3);
  const auto expected =
      reference::matmul(x, w, {}, Activation::none, reference::random({30, 50}, 3));
  tensor::matmul_forward(y, x, MatmulWeight(w), {.residual = y});
  EXPECT_LT(reference::max_difference(y, expected), 1e-5);
}

TEST_P(Matmul, GeluIsExactEverywhere) {
  // A product with 1 hands each value to the activation as it is.
  const int64_t count = 20001;
  Tensor x = Tensor::empty({count, 1});
  for (int64_t i = 0; i < count; ++i) x.data<float>()[i] = static_cast<float>(i - 10000) * 1e-3f;
  const Tensor y = multiply(x, MatmulWeight(Tensor::from<float>({1, 1}, {1.0f})),
                            {.activation = Activation::gelu});
  std::vector<double> expected;
  for (const float value : x.span<float>()) expected.push_back(reference::gelu(value));
  EXPECT_LT(reference::max_difference(y, expected), 6e-7);

  const float infinity = std::numeric_limits<float>::infinity();
  const Tensor edges =
      multiply(Tensor::from<float>({5, 1}, {infinity, 1e30f, -1e30f, -40, NAN}),
               MatmulWeight(Tensor::from<float>({1, 1}, {1.0f})), {.activation = Activation::gelu});
  EXPECT_EQ(edges.data<float>()[0], infinity);
  EXPECT_EQ(edges.data<float>()[1], 1e30f);
  EXPECT_EQ(edges.data<float>()[2], 0);
  EXPECT_EQ(edges.data<float>()[3], 0);
  EXPECT_TRUE(std::isnan(edges.data<float>()[4]));
}

TEST_P(Matmul, ARowIsTheSameBitsAloneAndAmongOthersForAnyThreads) {
  for (const auto& [inputs, outputs] : {std::pair<int64_t, int64_t>{768, 768}, {67, 333}}) {
    const Tensor x = reference::random({577, inputs}, 1);
    const MatmulWeight weight(reference::random({outputs, inputs}, 2));
    const tensor::MatmulEpilogue epilogue{.bias = reference::random({outputs}, 3),
                                          .activation = Activation::gelu};
    base::set_num_threads(1);
    const Tensor all = multiply(x, weight, epilogue);
    for (const int threads : {1, 2, 7}) {
      base::set_num_threads(threads);
      EXPECT_TRUE(same_bits(multiply(x, weight, epilogue), all)) << threads << " threads";
      for (const int64_t rows : {1, 2, 3, 4, 7, 13, 14, 15, 16, 28, 100}) {
        const Tensor some = multiply(x.slice(100, 100 + rows), weight, epilogue);
        EXPECT_TRUE(same_bits(some, all.slice(100, 100 + rows))) << rows << " rows";
      }
    }
  }
}

TEST_P(Matmul, WidensHalfAndBFloat16Exactly) {
  // All values of 16 bits, each times 1; a row of 2^16 outputs.
  const Tensor one = Tensor::from<float>({1, 1}, {1.0f});
  std::vector<tensor::Half> halves;
  std::vector<tensor::BFloat16> bfloats;
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    halves.push_back({static_cast<uint16_t>(bits)});
    bfloats.push_back({static_cast<uint16_t>(bits)});
  }
  const Tensor from_halves = multiply(one, MatmulWeight(Tensor::from({65536, 1}, halves)));
  const Tensor from_bfloats = multiply(one, MatmulWeight(Tensor::from({65536, 1}, bfloats)));
  const auto same = [](float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    ASSERT_TRUE(same(from_halves.data<float>()[bits], to_float(halves[bits]))) << bits;
    ASSERT_TRUE(same(from_bfloats.data<float>()[bits], to_float(bfloats[bits]))) << bits;
  }
}

TEST_P(Matmul, ReadsHalfAndBFloat16MatricesOfOddSizes) {
  for (const int64_t inputs : {1, 15, 16, 37}) {
    const Tensor x = reference::random({3, inputs}, 1);
    Tensor wide = reference::random({35, inputs}, 2);
    Tensor half = Tensor::empty(wide.shape(), tensor::DType::f16);
    Tensor bfloat = Tensor::empty(wide.shape(), tensor::DType::bf16);
    for (int64_t i = 0; i < wide.elements(); ++i) {  // values that both formats hold
      float& value = wide.data<float>()[i];
      value = to_float(tensor::to_bfloat16(value));
      half.data<tensor::Half>()[i] = tensor::to_half(value);
      value = to_float(half.data<tensor::Half>()[i]);
      bfloat.data<tensor::BFloat16>()[i] = tensor::to_bfloat16(value);
    }
    const Tensor expected = multiply(x, MatmulWeight(wide));
    EXPECT_TRUE(same_bits(multiply(x, MatmulWeight(half)), expected));
    EXPECT_TRUE(same_bits(multiply(x, MatmulWeight(bfloat)), expected));
  }
}

TEST_P(Matmul, ANaNReachesItsRowAloneAndItsColumnAlone) {
  Tensor x = reference::random({20, 40}, 1), w = reference::random({40, 40}, 2);
  x.data<float>()[7 * 40 + 39] = NAN;
  w.data<float>()[33 * 40 + 0] = NAN;
  const Tensor y = multiply(x, MatmulWeight(w));
  for (int64_t r = 0; r < 20; ++r) {
    for (int64_t n = 0; n < 40; ++n) {
      EXPECT_EQ(std::isnan(y.data<float>()[r * 40 + n]), r == 7 || n == 33) << r << ", " << n;
    }
  }
}

TEST_P(Matmul, NoRowsAreAnEmptyResult) {
  const Tensor y = multiply(Tensor::zeros({0, 3}), MatmulWeight(Tensor::zeros({4, 3})));
  EXPECT_EQ(y.shape(), (tensor::Shape{0, 4}));
}

TEST_P(Matmul, TakesAPatchProjectionAsItStandsInACheckpoint) {
  const Tensor x = reference::random({5, 12}, 1), w = reference::random({7, 12}, 2);
  EXPECT_TRUE(
      same_bits(multiply(x, MatmulWeight(w.reshape({7, 3, 2, 2}))), multiply(x, MatmulWeight(w))));
}

TEST(MatmulWeightTest, MakesPanelsAgainWhenTheSourceIsReplaced) {
  const Tensor x = reference::random({2, 5}, 1);
  MatmulWeight weight(reference::random({3, 5}, 2));
  const Tensor before = multiply(x, weight);
  weight.assign(reference::random({3, 5}, 3));
  EXPECT_LT(reference::max_difference(multiply(x, weight), reference::matmul(x, weight.source())),
            1e-5);
  EXPECT_FALSE(same_bits(multiply(x, weight), before));
}

TEST(MatmulWeightTest, MakesPanelsAgainWhenACopyOfTheSourceIsWrittenTo) {
  const Tensor x = reference::random({2, 5}, 1);
  Tensor source = reference::random({3, 5}, 2);
  const MatmulWeight weight(source), copy = weight;
  weight.pack();
  weight.pack({.order = PanelOrder::transposed});
  const Tensor replacement = reference::random({3, 5}, 3);
  std::copy_n(replacement.data<float>(), 15, source.data<float>());
  const MatmulWeight fresh(replacement);
  EXPECT_TRUE(same_bits(multiply(x, weight), multiply(x, fresh)));
  EXPECT_TRUE(same_bits(multiply(x, copy), multiply(x, fresh)));
  EXPECT_TRUE(same_bits(weight.panels({.order = PanelOrder::transposed}),
                        fresh.panels({.order = PanelOrder::transposed})));
  Tensor row = source.slice(2, 3);
  row.data<float>()[4] = 7;
  EXPECT_LT(reference::max_difference(multiply(x, weight), reference::matmul(x, source)), 1e-5);
}

TEST(MatmulWeightTest, MakesPanelsWhenAProductAsksForThem) {
  const MatmulWeight weight(reference::random({33, 8}, 1));
  EXPECT_EQ(weight.panel_bytes(), 0);
  const Tensor x = reference::random({2, 8}, 2);
  multiply(x, weight);
  const std::size_t forward = weight.panel_bytes();
  EXPECT_EQ(forward, weight.panels().bytes());
  const void* panels = weight.panels().raw();
  multiply(x, weight);
  weight.pack();
  EXPECT_EQ(weight.panels().raw(), panels);
  EXPECT_EQ(weight.panel_bytes(), forward);
  weight.pack({.order = PanelOrder::transposed});
  EXPECT_EQ(weight.panel_bytes(),
            forward + weight.panels({.order = PanelOrder::transposed}).bytes());
  EXPECT_EQ(weight.panels().raw(), panels);
}

TEST(MatmulWeightTest, TakesPanelsThatAreReady) {
  const Tensor x = reference::random({2, 8}, 1), w = reference::random({33, 8}, 2);
  const MatmulWeight packed(w);
  const Tensor y = multiply(x, packed);
  MatmulWeight weight;
  weight.assign(w, packed.panels());
  EXPECT_EQ(weight.panels().raw(), packed.panels().raw());
  EXPECT_TRUE(same_bits(multiply(x, weight), y));
  EXPECT_THROW(weight.assign(w, Tensor::zeros({33, 8})), base::ShapeError);
  EXPECT_THROW(weight.assign(w, Tensor()), base::ShapeError);
  EXPECT_THROW(weight.assign(w, Tensor::zeros(packed.panels().shape(), tensor::DType::i32)),
               base::DTypeError);
  EXPECT_THROW(weight.assign(w, packed.panels(), {.precision = tensor::DType::bf16}),
               base::DTypeError);
  EXPECT_EQ(weight.panels().raw(), packed.panels().raw());
}

/// Kilobytes of a mapped file that are in this process's memory.
int64_t resident_kilobytes(const std::filesystem::path& path) {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  bool inside = false;
  int64_t kilobytes = 0;
  while (std::getline(maps, line)) {
    if (line.find('-') < line.find(' ')) inside = line.ends_with(path.string());
    if (inside && line.starts_with("Rss:")) kilobytes += std::stoll(line.substr(4));
  }
  return kilobytes;
}

TEST(MatmulWeightTest, GivesThePagesOfAMappedSourceBack) {
  const Tensor w = reference::random({1024, 512}, 1), x = reference::random({2, 512}, 2);
  const TemporaryFolder folder;
  const auto path = folder / "weight.bin";
  base::replace_file(path, std::string_view(static_cast<const char*>(w.raw()), w.bytes()));
  const auto file = base::MappedFile::open(path);
  const Tensor mapped = Tensor::mapped(w.shape(), w.dtype(), file, file->bytes().data());
  float sum = 0;
  for (const float value : mapped.span<float>()) sum += value;
  ASSERT_TRUE(std::isfinite(sum));
  ASSERT_EQ(resident_kilobytes(path), 2048);

  const MatmulWeight weight(mapped);
  weight.pack();
  EXPECT_EQ(resident_kilobytes(path), 0);
  EXPECT_TRUE(same_bits(multiply(x, weight), multiply(x, MatmulWeight(w))));

  weight.pack({.order = PanelOrder::transposed});
  EXPECT_EQ(resident_kilobytes(path), 0);
}

TEST(MatmulErrors, NameTheOperationAndBothShapes) {
  const MatmulWeight weight(Tensor::zeros({4, 3}));
  Tensor y = Tensor::zeros({2, 4});
  const Tensor x = Tensor::zeros({2, 3});
  const auto run = [&](const Tensor& input, const MatmulWeight& w,
                       tensor::MatmulEpilogue epilogue) {
    return error_of<base::Error>([&] { tensor::matmul_forward(y, input, w, epilogue); });
  };
  EXPECT_EQ(run(Tensor::zeros({2, 5}), weight, {}), "matmul_forward: x is [2, 5], expected [2, 3]");
  EXPECT_EQ(run(Tensor(), weight, {}), "matmul_forward: x is absent, expected [M, 3]");
  EXPECT_EQ(run(Tensor::zeros({1, 3}), weight, {}), "matmul_forward: y is [2, 4], expected [1, 4]");
  EXPECT_EQ(run(x, MatmulWeight(), {}), "matmul_forward: weight is absent, expected [N, K]");
  EXPECT_EQ(run(x, weight, {.bias = Tensor::zeros({3})}),
            "matmul_forward: bias is [3], expected [4]");
  EXPECT_EQ(run(x, weight, {.residual = Tensor::zeros({4, 2})}),
            "matmul_forward: residual is [4, 2], expected [2, 4]");
  EXPECT_EQ(run(x, weight, {.pre_activation = Tensor::zeros({4, 2})}),
            "matmul_forward: pre_activation is [4, 2], expected [2, 4]");
  EXPECT_EQ(run(Tensor::zeros({2, 3}, tensor::DType::f64), weight, {}),
            "matmul_forward: x is f64, expected f32");
}

TEST(MatmulErrors, SayWhatASourceMustBe) {
  EXPECT_EQ(error_of<base::ShapeError>([] { MatmulWeight(Tensor::zeros({4})); }),
            "MatmulWeight: source is [4], expected [N, K], both at least 1");
  EXPECT_EQ(error_of<base::ShapeError>([] {
              MatmulWeight(Tensor::zeros({4, 0}));
            }),
            "MatmulWeight: source is [4, 0], expected [N, K], both at least 1");
  EXPECT_EQ(error_of<base::ShapeError>([] {
              MatmulWeight(Tensor::zeros({0, 4}));
            }),
            "MatmulWeight: source is [0, 4], expected [N, K], both at least 1");
  EXPECT_EQ(error_of<base::ShapeError>([] { MatmulWeight{Tensor()}; }),
            "MatmulWeight: source is absent, expected [N, K], both at least 1");
  EXPECT_EQ(error_of<base::DTypeError>([] {
              MatmulWeight(Tensor::zeros({4, 3}, tensor::DType::i32));
            }),
            "MatmulWeight: source is i32, expected f32, f16 or bf16");
}

}  // namespace
