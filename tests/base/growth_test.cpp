#include "tests/growth.h"

#include <gtest/gtest.h>

#include <cstddef>

namespace {

void count_to(std::size_t size) {
  volatile std::size_t count = 0;  // so that the loop stays
  while (count < size) count = count + 1;
}

TEST(Growth, TellsLinearTimeFromMore) {
  const auto quadratic = [](std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) count_to(size);
  };
  EXPECT_LT(growth::of_fourfold(count_to, 2'000'000), growth::kLinear);
  EXPECT_GE(growth::of_fourfold(quadratic, 1000), growth::kLinear);
}

TEST(Growth, MeasuresLinearTimesOfDifferentWork) {
  const auto small = [] { count_to(1'000'000); };
  const auto large = [] { count_to(30'000'000); };
  EXPECT_GE(growth::quotient(small, large, 15), 15);
  EXPECT_LT(growth::quotient(small, small, 15), 15);
}

}  // namespace
