#include "tensor/cpu/isa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"

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
