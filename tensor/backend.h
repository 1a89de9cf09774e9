// What one device can do: a row of kernels for each family of operations. `tensor/<family>.cpp`
// checks its arguments and calls through this table; `tensor/cpu/<family>.cpp` fills it in. A null
// kernel means that the device lacks the operation, which is an error that names it.
#pragma once

#include "tensor/attention.h"      // attention_forward
#include "tensor/copy.h"           // cast_forward, gather_rows_forward
#include "tensor/cross_entropy.h"  // cross_entropy_forward
#include "tensor/elementwise.h"    // add_forward, activation_forward
#include "tensor/embedding.h"      // embedding_forward
#include "tensor/matmul.h"         // MatmulWeight, matmul_forward
#include "tensor/norm.h"           // layer_norm_forward
#include "tensor/patch.h"          // patches_forward, tokens_forward
#include "tensor/reduce.h"         // weighted_sum_forward, sum_of_squares
#include "tensor/softmax.h"        // softmax_forward, log_softmax_forward

namespace tensor {

struct Backend {
  const char* name;
  const AttentionKernels& attention;
  const CopyKernels& copy;
  const CrossEntropyKernels& cross_entropy;
  const ElementwiseKernels& elementwise;
  const EmbeddingKernels& embedding;
  const MatmulKernels& matmul;
  const NormKernels& norm;
  const PatchKernels& patch;
  const ReduceKernels& reduce;
  const SoftmaxKernels& softmax;
};

/// The kernels of the device that a tensor lives on; DeviceError if this build has none.
const Backend& backend(const Tensor& tensor);

}  // namespace tensor
