#include "tensor/norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/each_isa.h"
#include "tests/reference.h"

namespace {

using tensor::Tensor;

class Norm : public each_isa::Test {};
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
