// What one device can do: a row of kernels for each family of operations. `tensor/<family>.cpp`
// checks its arguments and calls through this table; `tensor/cpu/<family>.cpp` fills it in. A null
// kernel means that the device lacks the operation. A device is its table and nothing else:
// `add_device` makes it known, and tensors can then be made on it.
//
// An operation ends like this:
//   const Backend& on = backend(kOp, {{"y", y}, {"x", x}, {"weight", weight}});
//   on.kernel(kOp, on.norm.layer_norm_forward)(y, mean, rstd, x, weight, bias, eps);
// and whether there is a way back is `backend(x).norm.layer_norm_backward != nullptr`.
#pragma once

#include <initializer_list>

#include "tensor/attention.h"      // attention_forward
#include "tensor/copy.h"           // cast_forward, gather_rows_forward
#include "tensor/cross_entropy.h"  // cross_entropy_forward
#include "tensor/dropout.h"        // dropout_forward
#include "tensor/elementwise.h"    // add_forward, activation_forward
#include "tensor/embedding.h"      // embedding_forward
#include "tensor/matmul.h"         // MatmulWeight, matmul_forward
#include "tensor/memory.h"         // allocate, copy, fill
#include "tensor/norm.h"           // layer_norm_forward
#include "tensor/optimizer.h"      // adamw_step
#include "tensor/patch.h"          // patches_forward, tokens_forward
#include "tensor/reduce.h"         // weighted_sum_forward, sum_of_squares
#include "tensor/sample.h"         // keep_top_k, best_tokens, draw_tokens
#include "tensor/softmax.h"        // softmax_forward, log_softmax_forward

namespace tensor {

struct Backend {
  const char* name;
  const AttentionKernels& attention;
  const CopyKernels& copy;
  const CrossEntropyKernels& cross_entropy;
  const DropoutKernels& dropout;
  const ElementwiseKernels& elementwise;
  const EmbeddingKernels& embedding;
  const MatmulKernels& matmul;
  const MemoryKernels& memory;
  const NormKernels& norm;
  const OptimizerKernels& optimizer;
  const PatchKernels& patch;
  const ReduceKernels& reduce;
  const SampleKernels& sample;
  const SoftmaxKernels& softmax;

  /// A kernel of this table, to be called; DeviceError `op: cuda has no such kernel` if it is null.
  template <class Kernel>
  Kernel* kernel(const char* op, Kernel* wanted) const {
    if (!wanted) throw base::DeviceError(base::str(op, ": ", name, " has no such kernel"));
    return wanted;
  }
};

/// A tensor that an operation was given, and what its errors call it.
struct Argument {
  const char* name;
  const Tensor& tensor;
};

/// DeviceError `op: b is on cpu, expected cuda:0 like a` unless all are on one device. Undefined
/// tensors are on none.
void expect_same_device(const char* op, std::initializer_list<Argument> arguments);

/// The kernels of a device; DeviceError if there is none.
const Backend& backend(Device device);
/// Those of the device that a tensor is on.
const Backend& backend(const Tensor& tensor);
/// Those of the one device that all arguments are on, checked as above.
const Backend& backend(const char* op, std::initializer_list<Argument> arguments);

/// Makes a device known, with an allocator of its own. `table` must stay. UsageError if the device
/// is known already. Safe while other threads compute. The CPU is there from the start.
void add_device(Device device, const Backend& table);

}  // namespace tensor
