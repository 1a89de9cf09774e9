#include "tensor/cpu/isa/loops.h"

namespace tensor::cpu::BLIP_ISA {

extern const Isa table;
constinit const Isa table{.name = BLIP_ISA_NAME,
                          .attention = BLIP_ISA_attention::attention_loops,
                          .elementwise = BLIP_ISA_elementwise::elementwise_loops,
                          .matmul = BLIP_ISA_matmul::matmul_loops,
                          .norm = BLIP_ISA_norm::norm_loops,
                          .optimizer = BLIP_ISA_optimizer::optimizer_loops,
                          .reduce = BLIP_ISA_reduce::reduce_loops,
                          .softmax = BLIP_ISA_softmax::softmax_loops};

}  // namespace tensor::cpu::BLIP_ISA
