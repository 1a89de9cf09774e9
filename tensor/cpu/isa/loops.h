// The loops of each family, as the set that is being compiled has them. The build says which set
// that is, BLIP_ISA, and for each family where its loops are from: BLIP_ISA_norm is this set if it
// has a norm.cpp of its own, else a set below it (add_isa in CMakeLists.txt).
#pragma once

#include "tensor/cpu/isa.h"

namespace tensor::cpu {

// clang-format off
namespace BLIP_ISA_attention   { extern const AttentionLoops attention_loops; }
namespace BLIP_ISA_elementwise { extern const ElementwiseLoops elementwise_loops; }
namespace BLIP_ISA_matmul      { extern const MatmulLoops matmul_loops; }
namespace BLIP_ISA_norm        { extern const NormLoops norm_loops; }
namespace BLIP_ISA_optimizer   { extern const OptimizerLoops optimizer_loops; }
namespace BLIP_ISA_reduce      { extern const ReduceLoops reduce_loops; }
namespace BLIP_ISA_softmax     { extern const SoftmaxLoops softmax_loops; }
// clang-format on

}  // namespace tensor::cpu
