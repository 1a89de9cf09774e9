#include "tensor/norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensor/cpu/isa.h"
#include "tests/reference.h"

namespace {

using tensor::Tensor;

/// Every test here runs on each instruction set of this machine.
class Norm : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { tensor::cpu::use_isa(GetParam()); }
  void TearDown() override { tensor::cpu::use_isa(tensor::cpu::supported_isas().front()->name); }
};

std::vector<const char*> isa_names() {
  std::vector<const char*> names;
  for (const tensor::cpu::Isa* isa : tensor::cpu::supported_isas()) names.push_back(isa->name);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Isa, Norm, testing::ValuesIn(isa_names()),
                         [](const auto& info) { return std::string(info.param); });

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

}  // namespace
