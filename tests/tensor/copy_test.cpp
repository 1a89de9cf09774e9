#include "tensor/copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tensor/index.h"
#include "tests/reference/rows.h"

namespace {

using tensor::BFloat16;
using tensor::DType;
using tensor::Half;
using tensor::Tensor;

/// Rows of a tensor with `count` of them.
Tensor rows(const std::vector<int32_t>& numbers, int64_t count) {
  return tensor::indices("rows", numbers, count);
}

Tensor cast(const Tensor& from, DType dtype) {
  Tensor to = Tensor::empty(from.shape(), dtype);
  tensor::cast_forward(to, from);
  return to;
}

TEST(Cast, RoundsEachElementToNearestEven) {
  const Tensor x = reference::random({3, 20011}, 1, 100);
  const Tensor half = cast(x, DType::f16), bfloat = cast(x, DType::bf16),
               wide = cast(x, DType::f64);
  for (int64_t i = 0; i < x.elements(); ++i) {
    const float value = x.data<float>()[i];
    ASSERT_EQ(half.data<Half>()[i].bits, tensor::to_half(value).bits);
    ASSERT_EQ(bfloat.data<BFloat16>()[i].bits, tensor::to_bfloat16(value).bits);
    ASSERT_EQ(wide.data<double>()[i], double{value});
  }
}

TEST(Cast, WideningIsExactAndNarrowingUndoesIt) {
  for (const DType narrow : {DType::f16, DType::bf16}) {
    Tensor all = Tensor::empty({65536}, narrow);
    for (int i = 0; i < 65536; ++i) {
      static_cast<uint16_t*>(all.writable())[i] = static_cast<uint16_t>(i);
    }
    for (const DType wide : {DType::f32, DType::f64}) {
      const Tensor back = cast(cast(all, wide), narrow);
      for (int i = 0; i < 65536; ++i) {
        const uint16_t bits = static_cast<const uint16_t*>(back.raw())[i];
        const float before = narrow == DType::f16
                                 ? tensor::to_float(Half{static_cast<uint16_t>(i)})
                                 : tensor::to_float(BFloat16{static_cast<uint16_t>(i)});
        if (std::isnan(before)) {
          const float after = narrow == DType::f16 ? tensor::to_float(Half{bits})
                                                   : tensor::to_float(BFloat16{bits});
          ASSERT_TRUE(std::isnan(after));
        } else {
          ASSERT_EQ(bits, i);
        }
      }
    }
  }
}

TEST(Cast, RoundsOnceFromDoublePrecision) {
  // Just above the middle of two neighbours by less than f32 can tell: through f32 this would
  // become a tie and go to the even neighbour below.
  const double above_middle = 1 + 0x1p-11 + 0x1p-40, above_middle_bfloat = 1 + 0x1p-8 + 0x1p-40;
  const Tensor x = Tensor::from<double>({2}, {above_middle, above_middle_bfloat});
  EXPECT_EQ(cast(x, DType::f16).data<Half>()[0].bits, tensor::to_half(1 + 0x1p-10f).bits);
  EXPECT_EQ(cast(x, DType::bf16).data<BFloat16>()[1].bits, tensor::to_bfloat16(1 + 0x1p-7f).bits);
  EXPECT_EQ(cast(x, DType::f32).data<float>()[0], 1 + 0x1p-11f);
  const Tensor special = Tensor::from<double>(
      {5}, {1e300, -1e300, std::numeric_limits<double>::quiet_NaN(), 1e-300, 65519.999999});
  const Tensor half = cast(special, DType::f16);
  EXPECT_EQ(half.data<Half>()[0].bits, 0x7C00);
  EXPECT_EQ(half.data<Half>()[1].bits, 0xFC00);
  EXPECT_TRUE(std::isnan(tensor::to_float(half.data<Half>()[2])));
  EXPECT_EQ(half.data<Half>()[3].bits, 0);
  EXPECT_EQ(half.data<Half>()[4].bits, 0x7BFF);  // 65504; 65520 is the middle to infinity
}

TEST(Cast, ToF32SharesWhatIsF32Already) {
  const Tensor x = reference::random({4}, 2);
  EXPECT_EQ(tensor::to_f32(x).data<float>(), x.data<float>());
  const Tensor bfloat = cast(x, DType::bf16);
  EXPECT_EQ(tensor::to_f32(bfloat).data<float>()[3], tensor::to_float(bfloat.data<BFloat16>()[3]));
}

TEST(Rows, GatherAndScatterAreEachOthersInverse) {
  const Tensor x = reference::random({5, 2, 3}, 3);
  const Tensor order = rows({4, 0, 3, 1, 2}, 5), some = rows({2, 2, 0}, 5);
  Tensor gathered = Tensor::empty({5, 2, 3}), back = Tensor::empty({5, 2, 3});
  tensor::gather_rows_forward(gathered, x, order);
  for (int64_t r = 0; r < 5; ++r) {
    for (int64_t i = 0; i < 6; ++i) {
      EXPECT_EQ(gathered.data<float>()[r * 6 + i],
                x.data<float>()[order.data<int32_t>()[r] * 6 + i]);
    }
  }
  tensor::scatter_rows_forward(back, gathered, order);
  for (int64_t i = 0; i < 30; ++i) EXPECT_EQ(back.data<float>()[i], x.data<float>()[i]);

  Tensor repeated = Tensor::empty({3, 2, 3});
  tensor::gather_rows_forward(repeated, x, some);
  EXPECT_EQ(repeated.data<float>()[0], x.data<float>()[12]);
  EXPECT_EQ(repeated.data<float>()[6], x.data<float>()[12]);
  EXPECT_EQ(repeated.data<float>()[12], x.data<float>()[0]);

  Tensor ids = Tensor::from<int64_t>({3}, {7, 8, 9}), picked = Tensor::empty({2}, DType::i64);
  tensor::gather_rows_forward(picked, ids, rows({2, 0}, 3));
  EXPECT_EQ(picked.data<int64_t>()[0], 9);
  EXPECT_EQ(picked.data<int64_t>()[1], 7);
}

TEST(Rows, ScatterLeavesTheOthersAlone) {
  Tensor to = Tensor::zeros({4, 2});
  tensor::scatter_rows_forward(to, Tensor::from<float>({2, 2}, {1, 2, 3, 4}), rows({3, 1}, 4));
  const std::vector<float> expected{0, 0, 3, 4, 0, 0, 1, 2};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(to.data<float>()[i], expected[i]) << i;
}

/// Rows and their width; the last take several chunks.
constexpr std::pair<int, int> kSizes[] = {{5, 1}, {6, 37}, {300, 129}};

TEST(Rows, GatherBackwardSumsRepeatedRows) {
  for (const auto& size : kSizes) {
    const int count = size.first, width = size.second;
    for (const bool repeated : {false, true}) {
      reference::Rows numbers;  // some rows of `count`, out of order; the first is never read
      for (int32_t i = 0; i < 2 * count; ++i) {
        const int32_t row = static_cast<int32_t>(int64_t{i} * i % (count - 1)) + 1;
        if (repeated || std::find(numbers.begin(), numbers.end(), row) == numbers.end()) {
          numbers.push_back(row);
        }
      }
      const auto n = static_cast<int64_t>(numbers.size());
      const Tensor dto = reference::random({n, width}, 4);
      const reference::Values twin = reference::sum_rows(reference::values(dto), numbers,
                                                         static_cast<std::size_t>(count), width);
      if (count < 10) {
        reference::expect_differences(
            [&](const reference::Values& from) {
              return reference::gather_rows(from, numbers, width);
            },
            reference::values(reference::random({count, width}, 5)), reference::values(dto), twin);
      }
      reference::expect_gradient({count, width}, twin, 1e-5, [&](const tensor::Gradient& dfrom) {
        tensor::gather_rows_backward(dfrom, dto, rows(numbers, count));
      });
    }
  }
}

TEST(Rows, GatherBackwardAddsInAscendingOrder) {
  // (1 + 1e8) - 1e8 = 0 in f32, 1 + (1e8 - 1e8) = 1: the order shows.
  const Tensor dto = Tensor::from<float>({4, 1}, {1, 1e8f, 7, -1e8f});
  tensor::Gradient dfrom{Tensor::empty({2, 1})};
  tensor::gather_rows_backward(dfrom, dto, rows({1, 1, 0, 1}, 2));
  EXPECT_EQ(dfrom.sum.data<float>()[0], 7);
  EXPECT_EQ(dfrom.sum.data<float>()[1], 0);
}

TEST(Rows, ScatterBackwardGathers) {
  for (const auto& size : kSizes) {
    const int count = size.first, width = size.second;
    reference::Rows numbers;
    for (int32_t i = count - 2; i > 0; i -= 2) numbers.push_back(i);
    const auto n = static_cast<int64_t>(numbers.size());
    const Tensor dto = reference::random({count, width}, 6);
    reference::expect_gradient({n, width},
                               reference::gather_rows(reference::values(dto), numbers, width), 1e-6,
                               [&](const tensor::Gradient& dfrom) {
                                 tensor::scatter_rows_backward(dfrom, dto, rows(numbers, count));
                               });
  }
}

TEST(Rows, BackwardOfNoRowsClearsOrLeavesTheGradient) {
  for (const bool add : {false, true}) {
    const tensor::Gradient dfrom{reference::filled({3, 2}, 4), add};
    tensor::gather_rows_backward(dfrom, Tensor::empty({0, 2}), rows({}, 3));
    for (const float value : dfrom.sum.span<float>()) EXPECT_EQ(value, add ? 4 : 0);
  }
}

TEST(CopyErrors, NameTheOperationAndWhatIsWrong) {
  const auto message = [](Tensor to, const Tensor& from, const Tensor& which) -> std::string {
    try {
      tensor::gather_rows_forward(to, from, which);
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  const Tensor x = Tensor::zeros({3, 2}), first = rows({0}, 3);
  EXPECT_EQ(message(Tensor::empty({1, 2}), x, Tensor::zeros({1})),
            "gather_rows_forward: rows is f32, expected i32");
  EXPECT_EQ(message(Tensor::empty({1, 2}), x, first.reshape({1, 1})),
            "gather_rows_forward: rows is [1, 1], expected [1]");
  EXPECT_EQ(message(Tensor::empty({1, 2}), x, {}),
            "gather_rows_forward: rows is absent, expected [0]");
  EXPECT_EQ(message(Tensor::empty({1, 3}), x, first),
            "gather_rows_forward: to is [1, 3], expected [1, 2]");
  EXPECT_EQ(message(Tensor::empty({1, 2}, DType::f16), x, first),
            "gather_rows_forward: to is f16, expected f32");
  EXPECT_EQ(message(Tensor::empty({1}), Tensor::zeros({}), first),
            "gather_rows_forward: from is [], expected [rows, ...]");
  Tensor integers = Tensor::empty({3, 2}, DType::i32);
  try {
    tensor::cast_forward(integers, x);
    FAIL() << "no error";
  } catch (const base::DTypeError& error) {
    EXPECT_STREQ(error.what(), "cast_forward: to is i32, expected f32, f16, bf16 or f64");
  }
}

TEST(CopyErrors, OfBackwardNameTheGradient) {
  const auto message = [](const tensor::Gradient& dfrom, const Tensor& dto) -> std::string {
    try {
      tensor::gather_rows_backward(dfrom, dto, rows({0, 2}, 3));
    } catch (const base::Error& error) {
      return error.what();
    }
    return "no error";
  };
  const Tensor dto = Tensor::zeros({2, 5});
  EXPECT_EQ(message({Tensor::zeros({3, 4})}, dto),
            "gather_rows_backward: dto is [2, 5], expected [2, 4]");
  EXPECT_EQ(message({Tensor::zeros({3, 5}, DType::f16)}, dto),
            "gather_rows_backward: dfrom is f16, expected f32");
  EXPECT_EQ(message({}, Tensor::zeros({2, 5}, DType::f16)),
            "gather_rows_backward: dto is f16, expected f32");
}

}  // namespace
