#include "nn/checkpoint.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/json_value.h"
#include "tensor/copy.h"        // cast_forward
#include "tensor/torch_file.h"  // read_torch_file

namespace nn {
namespace {

namespace fs = std::filesystem;
using base::str;
using tensor::Shape;
using tensor::Tensor;
using tensor::TensorMap;

TensorMap read_weights_file(const fs::path& path) {
  return path.extension() == ".safetensors" ? tensor::read_safetensors(path)
                                            : tensor::read_torch_file(path);
}

/// A list for an error message, an item a line.
std::string lines(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += "\n  " + item;
  return text;
}

/// The index's weight_map turned around: the names of the tensors of each shard.
std::map<std::string, std::vector<std::string>> read_index(const fs::path& path) {
  const base::Json index = base::read_json(path);
  const std::string name = path.string();
  const base::JsonValue map = base::JsonValue(index, name).at("weight_map");
  if (map.members().empty()) map.refuse("tensors and their files");
  std::map<std::string, std::vector<std::string>> shards;
  for (const auto& [tensor, file] : map.members()) {
    const std::string& shard = file.string();
    // Shards lie beside their index; an index must not make us read other places.
    if (shard.empty() || shard == "." || shard == ".." ||
        shard.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos) {
      file.refuse("the name of a file in the same folder");
    }
    constexpr std::size_t kMaxName = 255;  // bytes of a file's name, on every system that matters
    if (shard.size() > kMaxName) {
      file.fail(str("a file name of ", shard.size(), " bytes, expected at most ", kMaxName));
    }
    shards[shard].emplace_back(tensor);
  }
  return shards;
}

TensorMap read_shards(const fs::path& index) {
  const fs::path folder = index.parent_path();
  const auto shards = read_index(index);

  std::vector<std::string> missing;
  for (const auto& [shard, names] : shards) {
    if (!fs::exists(folder / shard)) missing.push_back(shard);
  }
  if (!missing.empty()) {
    throw base::FileError(str(index.string(), ": ", missing.size(), " of ", shards.size(),
                              " files are missing:", lines(missing)));
  }

  TensorMap tensors;
  for (const auto& [shard, names] : shards) {
    TensorMap found = read_weights_file(folder / shard);
    for (const std::string& name : names) {
      auto tensor = found.extract(name);
      if (tensor.empty()) {
        missing.push_back(str(name, " in ", shard));
      } else {
        tensors.insert(std::move(tensor));
      }
    }
  }
  if (!missing.empty()) {
    throw base::FormatError(
        str(index.string(), ": tensors are not in the files that it names:", lines(missing)));
  }
  return tensors;
}

bool is_float(tensor::DType dtype) {
  return dtype == tensor::DType::f32 || dtype == tensor::DType::f16 || dtype == tensor::DType::bf16;
}

/// Finds the tensor of each parameter and notes whatever does not fit.
class Match : public Visitor {
 public:
  explicit Match(const TensorMap& tensors) : tensors_(tensors) {}

  std::vector<std::pair<Parameter*, const Tensor*>> parameters;
  std::set<std::string, std::less<>> names;
  std::vector<std::string> problems;

 private:
  void parameter(const std::string& path, Parameter& value, const Shape& shape) override {
    if (const Tensor* found = find(path, shape)) parameters.emplace_back(&value, found);
  }

  const Tensor* find(const std::string& path, const Shape& shape) {
    names.insert(path);
    const auto found = tensors_.find(path);
    if (found == tensors_.end()) {
      problems.push_back(str("missing: ", path, " ", shape.str()));
      return nullptr;
    }
    const Tensor& tensor = found->second;
    if (tensor.shape() != shape) {
      problems.push_back(
          str("wrong shape: ", path, " is ", tensor.shape().str(), ", expected ", shape.str()));
    }
    if (!is_float(tensor.dtype())) {
      problems.push_back(str("wrong type: ", path, " is ", name_of(tensor.dtype()),
                             ", expected f32, f16 or bf16"));
    }
    return &tensor;
  }

  const TensorMap& tensors_;
};

Match match_all(Module& module, const TensorMap& tensors, const std::string& source,
                const std::function<bool(std::string_view)>& ignored) {
  Match match(tensors);
  module.visit(match);
  for (const auto& [name, tensor] : tensors) {
    if (!match.names.contains(name) && !ignored(name)) {
      match.problems.push_back(str("unexpected: ", name, " ", tensor.shape().str()));
    }
  }
  if (!match.problems.empty()) {
    throw base::CheckpointError(
        str(source, ": the tensors are not those of the model:", lines(match.problems)));
  }
  return match;
}

}  // namespace

TensorMap read_checkpoint(const fs::path& path) {
  if (!fs::is_directory(path)) return read_weights_file(path);
  for (const char* name : {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                           "pytorch_model.bin.index.json"}) {
    const fs::path file = path / name;
    if (!fs::exists(file)) continue;
    return file.extension() == ".json" ? read_shards(file) : read_weights_file(file);
  }
  throw base::FileError(
      str(path.string(),
          ": has no weights: looked for model.safetensors, pytorch_model.bin, and "
          "model.safetensors.index.json, pytorch_model.bin.index.json"));
}

void load(Module& module, const TensorMap& tensors, const std::string& source,
          const std::function<bool(std::string_view)>& ignored) {
  const Match match = match_all(module, tensors, source, ignored);
  for (const auto& [parameter, found] : match.parameters) {
    if (found->rank() % 2 == 0 && found->rank() > 0) {
      parameter->assign(*found);
      continue;
    }
    Tensor copy = Tensor::empty(found->shape());
    tensor::cast_forward(copy, *found);
    found->release_pages();
    parameter->assign(copy);
  }
}

void expect_fit(Module& module, const TensorMap& tensors, const std::string& source,
                const std::function<bool(std::string_view)>& ignored) {
  match_all(module, tensors, source, ignored);
}

TensorMap parameters(Module& module) {
  TensorMap tensors;
  for_each_parameter(module, [&](const std::string& path, Parameter& parameter, const Shape&) {
    tensors[path] = parameter.value();
  });
  return tensors;
}

std::vector<std::pair<std::string, Shape>> parameter_shapes(Module& module) {
  std::vector<std::pair<std::string, Shape>> shapes;
  for_each_parameter(module, [&](const std::string& path, Parameter&, const Shape& shape) {
    shapes.emplace_back(path, shape);
  });
  return shapes;
}

}  // namespace nn
