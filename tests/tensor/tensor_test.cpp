#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "tests/temporary_folder.h"

namespace {

using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

TEST(Shape, CountsAndPrints) {
  const Shape shape{2, 577, 1024};
  EXPECT_EQ(shape.rank(), 3);
  EXPECT_EQ(shape[0], 2);
  EXPECT_EQ(shape[-1], 1024);
  EXPECT_EQ(shape.elements(), 2 * 577 * 1024);
  EXPECT_EQ(shape.str(), "[2, 577, 1024]");
  EXPECT_EQ(Shape{}.elements(), 1);
  EXPECT_EQ(Shape{}.str(), "[]");
  EXPECT_EQ((Shape{3, 0, 5}.elements()), 0);
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_NE((Shape{2, 3}), (Shape{2, 3, 1}));
}

TEST(Shape, RefusesWhatIsNoShape) {
  EXPECT_EQ(error_of<base::ShapeError>([] { Shape{1, -2}; }), "axis 1 has negative length -2");
  EXPECT_EQ(error_of<base::ShapeError>([] { Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}; }),
            "a tensor has at most 8 axes, found 9");
  const int64_t large = int64_t{1} << 40;
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              (void)Shape{large, large}.elements();
            }),
            "shape [1099511627776, 1099511627776] has too many elements");
  EXPECT_EQ(error_of<base::ShapeError>([&] {
              Tensor::empty({large, 4194304}, DType::f64);
            }),
            "shape [1099511627776, 4194304] has too many bytes");
}

TEST(Tensor, HoldsTheValuesItWasGiven) {
  const Tensor x = Tensor::from<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(x.defined());
  EXPECT_EQ(x.dtype(), DType::i32);
  EXPECT_EQ(x.bytes(), 24u);
  EXPECT_EQ(x.data<int32_t>()[5], 6);
  EXPECT_FALSE(Tensor{}.defined());
  for (const double value : Tensor::zeros({5}, DType::f64).span<double>()) EXPECT_EQ(value, 0);
  EXPECT_EQ(error_of<base::ShapeError>([] {
              Tensor::from<float>({2, 3}, {1, 2});
            }),
            "Tensor::from: 2 values, shape [2, 3] expects 6");
  EXPECT_EQ(error_of<base::DTypeError>([&] { (void)x.data<float>(); }),
            "a tensor holds i32, f32 expected");
}

TEST(Tensor, CopiesAndViewsShareTheirElements) {
  Tensor x = Tensor::from<float>({3, 2}, {0, 1, 2, 3, 4, 5});
  Tensor rows = x.slice(1, 3);
  EXPECT_EQ(rows.shape(), (Shape{2, 2}));
  EXPECT_EQ(rows.data<float>(), x.data<float>() + 2);
  const Tensor flat = rows.reshape({4});
  rows.data<float>()[0] = 9;
  EXPECT_EQ(x.data<float>()[2], 9);
  EXPECT_EQ(flat.data<float>()[0], 9);
  EXPECT_EQ(rows.slice(1, 2).data<float>()[1], 5);
  EXPECT_EQ(x.slice(3, 3).elements(), 0);

  const Tensor last = Tensor::from<float>({2}, {7, 8}).slice(1, 2);  // keeps the storage alive
  EXPECT_EQ(last.data<float>()[0], 8);
}

TEST(Tensor, ViewsThatDoNotFitAreErrors) {
  const Tensor x = Tensor::zeros({3, 2});
  EXPECT_EQ(error_of<base::ShapeError>([&] { (void)x.reshape({4}); }),
            "reshape: [3, 2] does not have the elements of [4]");
  for (const auto& [begin, end] : {std::pair{-1, 2}, {0, 4}, {2, 1}}) {
    EXPECT_EQ(
        error_of<base::ShapeError>([&, first = begin, last = end] { (void)x.slice(first, last); }),
        base::str("slice: rows ", begin, " to ", end, " of a tensor [3, 2]"));
  }
  EXPECT_EQ(error_of<base::ShapeError>([] { (void)Tensor::zeros({}).slice(0, 0); }),
            "slice: rows 0 to 0 of a tensor []");
}

TEST(Tensor, OfAMappedFileIsReadOnly) {
  const TemporaryFolder folder;
  const std::vector<float> values{1, 2, 3, 4};
  const auto path =
      folder.write("tensor.bin", {reinterpret_cast<const char*>(values.data()), 4 * sizeof(float)});
  Tensor x;
  {
    const auto file = base::MappedFile::open(path);
    x = Tensor::mapped({2, 2}, DType::f32, file, file->bytes().data());
  }
  EXPECT_TRUE(x.is_mapped());
  const Tensor& fixed = x;
  const Tensor row = fixed.slice(1, 2);
  EXPECT_EQ(row.data<float>()[1], 4);  // the tensor keeps the mapping alive
  x.release_pages();
  EXPECT_EQ(fixed.data<float>()[0], 1);
  EXPECT_EQ(error_of<base::DTypeError>([&] { x.writable(); }),
            "a tensor of a mapped file is read-only");
  EXPECT_EQ(error_of<base::DTypeError>([&] { x.slice(0, 1).data<float>(); }),
            "a tensor of a mapped file is read-only");
}

TEST(Tensor, ExpectationsNameWhatWasFound) {
  const Tensor x = Tensor::zeros({7});
  EXPECT_EQ(error_of<base::ShapeError>([&] { tensor::expect_shape("op", "x", x, {8}); }),
            "op: x is [7], expected [8]");
  EXPECT_EQ(error_of<base::ShapeError>([&] { tensor::expect_f32("op", "x", {}, {8}); }),
            "op: x is absent, expected [8]");
  EXPECT_EQ(error_of<base::DTypeError>([&] { tensor::expect_dtype("op", "x", x, DType::bf16); }),
            "op: x is f32, expected bf16");
  const auto one_of = [&](std::initializer_list<DType> types) {
    return error_of<base::DTypeError>([&] { tensor::expect_dtype("op", "x", x, types); });
  };
  EXPECT_EQ(one_of({DType::bf16}), "op: x is f32, expected bf16");
  EXPECT_EQ(one_of({DType::bf16, DType::i8}), "op: x is f32, expected bf16 or i8");
  EXPECT_EQ(one_of({DType::f16, DType::bf16, DType::i8}), "op: x is f32, expected f16, bf16 or i8");
  EXPECT_EQ(one_of({DType::bf16, DType::f32}), "no error");
}

// What the bits of a 16-bit float mean, from the definition of the format.
double value_of(uint16_t bits, int exponent_bits) {
  const int mantissa_bits = 15 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = (bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const int mantissa = bits & ((1 << mantissa_bits) - 1);
  const double sign = bits >> 15 ? -1 : 1;
  if (exponent == (1 << exponent_bits) - 1) {
    return mantissa ? std::numeric_limits<double>::quiet_NaN()
                    : sign * std::numeric_limits<double>::infinity();
  }
  const int leading = exponent == 0 ? 0 : 1 << mantissa_bits;
  return sign * std::ldexp(leading + mantissa, std::max(exponent, 1) - bias - mantissa_bits);
}

/// All 65,536 numbers, and the places where rounding changes from one to the next.
template <class Number>
void check_conversions(int exponent_bits, Number (*narrow)(float)) {
  const auto infinity = static_cast<uint16_t>(((1 << exponent_bits) - 1) << (15 - exponent_bits));
  for (uint32_t i = 0; i < 65536; ++i) {
    const auto bits = static_cast<uint16_t>(i);
    const double value = value_of(bits, exponent_bits);
    const float widened = tensor::to_float(Number{bits});
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(widened)) << bits;
      ASSERT_TRUE(std::isnan(value_of(narrow(widened).bits, exponent_bits))) << bits;
      continue;
    }
    ASSERT_EQ(double{widened}, value) << bits;
    ASSERT_EQ(std::signbit(widened), std::signbit(value)) << bits;
    ASSERT_EQ(narrow(widened).bits, bits);
    if ((bits & 0x7FFF) >= infinity) continue;

    // The next number away from zero; past the largest it is what would come next, and infinity.
    const auto next = static_cast<uint16_t>(bits + 1);
    double beyond = value_of(next, exponent_bits);
    if (std::isinf(beyond)) {
      beyond = value + (value - value_of(static_cast<uint16_t>(bits - 1), exponent_bits));
    }
    const auto middle = static_cast<float>((value + beyond) / 2);
    ASSERT_EQ(double{middle}, (value + beyond) / 2) << "f32 holds the middle exactly";
    ASSERT_EQ(narrow(middle).bits, bits % 2 == 0 ? bits : next) << bits;
    ASSERT_EQ(narrow(std::nextafter(middle, 0.0f)).bits, bits) << bits;
    ASSERT_EQ(narrow(std::nextafter(middle, 2 * middle)).bits, next) << bits;
  }
}

TEST(Half, ConvertsExactly) {
  check_conversions<tensor::Half>(5, tensor::to_half);
}
TEST(BFloat16, ConvertsExactly) {
  check_conversions<tensor::BFloat16>(8, tensor::to_bfloat16);
}

TEST(Half, LargeNumbersBecomeInfinite) {
  EXPECT_EQ(tensor::to_half(3e38f).bits, 0x7C00);
  EXPECT_EQ(tensor::to_half(-std::numeric_limits<float>::infinity()).bits, 0xFC00);
  // A NaN whose mantissa has only low bits must not turn into infinity.
  const float low_nan = std::bit_cast<float>(0x7F800001u);
  EXPECT_TRUE(std::isnan(tensor::to_float(tensor::to_half(low_nan))));
  EXPECT_TRUE(std::isnan(tensor::to_float(tensor::to_bfloat16(low_nan))));
}

}  // namespace
