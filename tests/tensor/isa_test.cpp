#include "tensor/cpu/isa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"

// Compiled for the tests alone, from the loops of elementwise: tests/CMakeLists.txt.
namespace tensor::cpu::partial {
extern const Isa table;
extern const ElementwiseLoops elementwise_loops;
}  // namespace tensor::cpu::partial

namespace {

using tensor::cpu::isa;
using tensor::cpu::supported_isas;
using tensor::cpu::use_isa;

TEST(Isa, TheGenericSetIsEverywhereAndLast) {
  ASSERT_FALSE(supported_isas().empty());
  EXPECT_STREQ(supported_isas().back()->name, "generic");
}

TEST(Isa, EachSupportedSetCanBeChosen) {
  for (const tensor::cpu::Isa* set : supported_isas()) {
    use_isa(set->name);
    EXPECT_EQ(&isa(), set);
  }
  use_isa(supported_isas().front()->name);
}

TEST(Isa, AnUnknownSetIsAnErrorThatNamesWhatThereIs) {
  use_isa("generic");
  try {
    use_isa("mmx");
    FAIL() << "no error";
  } catch (const base::UsageError& error) {
    EXPECT_THAT(
        error.what(),
        testing::AllOf(testing::StartsWith("this machine has no instruction set \"mmx\"; it has "),
                       testing::EndsWith("generic")));
  }
  EXPECT_STREQ(isa().name, "generic");
  use_isa(supported_isas().front()->name);
}

TEST(Isa, ASetOfSomeFamiliesTakesTheOthersFromTheSetBelow) {
  const tensor::cpu::Isa &partial = tensor::cpu::partial::table, &below = *supported_isas().back();
  EXPECT_STREQ(partial.name, "partial");
  EXPECT_EQ(&partial.elementwise, &tensor::cpu::partial::elementwise_loops);
  EXPECT_NE(partial.elementwise.add, below.elementwise.add);
  const float a[] = {1, 2, 3, 4, 5}, b[] = {10, 20, 30, 40, 50};
  float y[5];
  partial.elementwise.add(y, a, b, 5);
  EXPECT_THAT(y, testing::ElementsAre(11, 22, 33, 44, 55));
  EXPECT_EQ(&partial.attention, &below.attention);
  EXPECT_EQ(&partial.matmul, &below.matmul);
  EXPECT_EQ(&partial.norm, &below.norm);
  EXPECT_EQ(&partial.softmax, &below.softmax);
}

#if defined(__x86_64__)
TEST(Isa, NoneOfThisProcessorsSetsIsMissed) {
  const auto supports = [](const char* name) {
    for (const tensor::cpu::Isa* set : supported_isas()) {
      if (std::strcmp(set->name, name) == 0) return true;
    }
    return false;
  };
  EXPECT_EQ(supports("avx2"), __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
}
#endif

}  // namespace
