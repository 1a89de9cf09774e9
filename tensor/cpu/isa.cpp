#include "tensor/cpu/isa.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace tensor::cpu {
namespace {

constexpr Isa kGeneric{.name = "generic",
                       .attention = generic::attention_loops,
                       .elementwise = generic::elementwise_loops,
                       .matmul = generic::matmul_loops,
                       .norm = generic::norm_loops,
                       .reduce = generic::reduce_loops,
                       .softmax = generic::softmax_loops};
#if defined(__x86_64__)
constexpr Isa kAvx2{.name = "avx2",
                    .attention = avx2::attention_loops,
                    .elementwise = avx2::elementwise_loops,
                    .matmul = avx2::matmul_loops,
                    .norm = avx2::norm_loops,
                    .reduce = avx2::reduce_loops,
                    .softmax = avx2::softmax_loops};
constexpr Isa kAvx512{.name = "avx512",
                      .attention = avx512::attention_loops,
                      .elementwise = avx512::elementwise_loops,
                      .matmul = avx512::matmul_loops,
                      .norm = avx512::norm_loops,
                      .reduce = avx512::reduce_loops,
                      .softmax = avx512::softmax_loops};
#endif

const std::vector<const Isa*>& supported() {
  static const std::vector<const Isa*> sets = [] {
    std::vector<const Isa*> found;
#if defined(__x86_64__)
    // gcc's checks include the operating system's support for the wide registers.
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
      found.push_back(&kAvx512);
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(&kAvx2);
#endif
    found.push_back(&kGeneric);
    return found;
  }();
  return sets;
}

const Isa& find(const char* name) {
  for (const Isa* set : supported()) {
    if (std::strcmp(set->name, name) == 0) return *set;
  }
  std::string known;
  for (const Isa* set : supported()) known += base::str(known.empty() ? "" : ", ", set->name);
  throw base::UsageError(
      base::str("this machine has no instruction set \"", name, "\"; it has ", known));
}

const Isa*& chosen() {
  static const Isa* set = [] {
    const char* name = std::getenv("BLIP_ISA");
    return name && *name ? &find(name) : supported().front();
  }();
  return set;
}

}  // namespace

const Isa& isa() {
  return *chosen();
}

std::span<const Isa* const> supported_isas() {
  return supported();
}

void use_isa(const char* name) {
  chosen() = &find(name);
}

}  // namespace tensor::cpu
