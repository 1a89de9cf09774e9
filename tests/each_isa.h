// Tests that run on each instruction set of this machine. A suite that is called Foo says
//   class Foo : public each_isa::Test {};
//   INSTANTIATE_TEST_SUITE_P(Isa, Foo, each_isa::kAll, each_isa::name);
// and its TEST_Ps run once per set: Isa/Foo.Case/avx512, ...
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tensor/cpu/isa.h"

namespace each_isa {

class Test : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { tensor::cpu::use_isa(GetParam()); }
  void TearDown() override { tensor::cpu::use_isa(tensor::cpu::supported_isas().front()->name); }
};

inline std::vector<const char*> names() {
  std::vector<const char*> result;
  for (const tensor::cpu::Isa* isa : tensor::cpu::supported_isas()) result.push_back(isa->name);
  return result;
}

inline const auto kAll = testing::ValuesIn(names());

inline std::string name(const testing::TestParamInfo<const char*>& info) {
  return info.param;
}

}  // namespace each_isa
