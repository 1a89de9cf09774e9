#include "tensor/backend.h"

namespace tensor {
namespace {

constexpr Backend kCpu{
    .name = "cpu",
    .attention = cpu::attention,
    .copy = cpu::copy,
    .cross_entropy = cpu::cross_entropy,
    .elementwise = cpu::elementwise,
    .embedding = cpu::embedding,
    .matmul = cpu::matmul,
    .norm = cpu::norm,
    .patch = cpu::patch,
    .reduce = cpu::reduce,
    .softmax = cpu::softmax,
};

}  // namespace

const Backend& backend(const Tensor& tensor) {
  if (tensor.device() == Device::cpu) return kCpu;
  throw base::DeviceError("this build has kernels for the CPU only");
}

}  // namespace tensor
