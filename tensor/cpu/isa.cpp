#include "tensor/cpu/isa.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace tensor::cpu {

// tensor/cpu/isa/table.cpp
namespace generic {
extern const Isa table;
}
#if defined(__x86_64__)
namespace avx2 {
extern const Isa table;
}
namespace avx512 {
extern const Isa table;
}
#endif

namespace {

const std::vector<const Isa*>& supported() {
  static const std::vector<const Isa*> sets = [] {
    std::vector<const Isa*> found;
#if defined(__x86_64__)
    // gcc's checks include the operating system's support for the wide registers.
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
      found.push_back(&avx512::table);
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      found.push_back(&avx2::table);
    }
#endif
    found.push_back(&generic::table);
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
