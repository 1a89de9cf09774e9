// The inner loops of the CPU kernels, one table for each instruction set. The files of
// `tensor/cpu/isa/` are compiled once per set with that set's flags; everything around the loops
// (shapes, blocking, threads) is compiled once, in `tensor/cpu/`.
//
// The loops take plain pointers and lengths, and the files that define them include nothing with
// inline functions of external linkage: the linker could keep the AVX-512 copy of such a function
// for a machine that has none. A test reads the object files for it.
#pragma once

#include <cstdint>
#include <span>

namespace tensor::cpu {

struct NormLoops {
  /// One row of layer_norm_forward; y may be x.
  void (*layer_norm_row)(float* y, float* mean, float* rstd, const float* x, const float* weight,
                         const float* bias, int64_t channels, float eps);
};

struct Isa {
  const char* name;  ///< "avx512", "avx2", "generic"
  const NormLoops& norm;
};

/// The instruction set in use: the best this machine has, unless chosen otherwise.
const Isa& isa();
/// All that this machine can run, best first.
std::span<const Isa* const> supported_isas();
/// Chooses one by name (tests run on each); UsageError if this machine lacks it. The environment
/// variable BLIP_ISA does the same at start.
void use_isa(const char* name);

// Defined in tensor/cpu/isa/<family>.cpp, once per set.
#define BLIP_DECLARE_LOOPS(set)     \
  namespace set {                   \
  extern const NormLoops norm_loops; \
  }
BLIP_DECLARE_LOOPS(generic)
#if defined(__x86_64__)
BLIP_DECLARE_LOOPS(avx2)
BLIP_DECLARE_LOOPS(avx512)
#endif
#undef BLIP_DECLARE_LOOPS

}  // namespace tensor::cpu
