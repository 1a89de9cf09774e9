#include "base/error.h"
#include "tensor/torch_file.h"
#include "tests/fuzz/memory_file.h"

namespace {

/// Touches every byte, so that a tensor outside of the file is seen.
void read_all(const tensor::TensorMap& tensors) {
  unsigned sum = 0;
  for (const auto& [name, tensor] : tensors) {
    const auto* bytes = static_cast<const unsigned char*>(tensor.raw());
    for (std::size_t i = 0; i < tensor.bytes(); ++i) sum += bytes[i];
  }
  [[maybe_unused]] static volatile unsigned sink;
  sink = sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  try {
    read_all(tensor::read_torch_file(file.path()));
  } catch (const base::Error&) {
  }
  return 0;
}
