// A model as a tree of modules, for reading.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tensor/safetensors.h"

namespace tools {

/// The tree of parameters (joined names and shapes, in the order of a visit) as lines of text:
/// shapes, types, parameters and bytes, with sums. Types are those of `tensors`, which has them by
/// name as a checkpoint does; a tensor that lies in the same memory as one before it is tied to it,
/// and counts once. Modules beside each other that are alike are shown once, with their numbers.
std::string module_tree(const std::string& title,
                        const std::vector<std::pair<std::string, tensor::Shape>>& parameters,
                        const tensor::TensorMap& tensors);

/// "470,123,456"
std::string with_commas(int64_t number);
/// "1.88 GB", in powers of 1000.
std::string readable_bytes(double bytes);

}  // namespace tools
