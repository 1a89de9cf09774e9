#include "lora/adapter.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/random.h"
#include "base/staged_folder.h"
#include "tensor/copy.h"         // cast_forward
#include "tensor/elementwise.h"  // accumulate
#include "tensor/matmul.h"       // matmul_forward
#include "tensor/safetensors.h"

namespace lora {

using base::str;
using base::UsageError;
using nn::Linear;
using nn::Parameter;
using tensor::Shape;
using tensor::Tensor;
using tensor::TensorMap;

namespace {

constexpr const char* kConfigFile = "adapter_config.json";
constexpr const char* kWeightsFile = "adapter_model.safetensors";
constexpr std::string_view kPrefix = "base_model.model.";

/// The linear layers of a model, by path.
std::map<std::string, Linear*> linears_of(nn::Module& model) {
  struct Find : nn::Visitor {
    void module(const std::string& path, nn::Module& module) override {
      if (auto* linear = dynamic_cast<Linear*>(&module)) found[path] = linear;
    }
    std::map<std::string, Linear*> found;
  };
  Find find;
  model.visit(find);
  return find.found;
}

std::string key_of(const std::string& path, const char* end) {
  return str(kPrefix, path, end);
}

/// PEFT keeps the bias of an adapted layer one level down.
std::string bias_key(const std::string& path, const std::map<std::string, Linear*>& adapted) {
  constexpr std::string_view kBias = ".bias";
  const std::string owner = path.substr(0, path.size() - kBias.size());
  return key_of(owner, adapted.contains(owner) ? ".base_layer.bias" : ".bias");
}

Tensor single(const Tensor& value) {
  Tensor copy = Tensor::empty(value.shape());
  tensor::cast_forward(copy, value);
  return copy;
}

/// What is added to a weight: scale b a.
Tensor product(const nn::LowRank& low_rank) {
  const Tensor &a = low_rank.a.value(), &b = low_rank.b.value();  // [r, K], [N, r]
  Tensor transposed = Tensor::empty({a.dim(1), a.dim(0)});
  for (int64_t i = 0; i < a.elements(); ++i) {
    transposed.data<float>()[i % a.dim(1) * a.dim(0) + i / a.dim(1)] = a.data<float>()[i];
  }
  Tensor sum = Tensor::empty({b.dim(0), a.dim(1)});
  tensor::matmul_forward(sum, b, tensor::MatmulWeight(transposed));
  tensor::scale_forward(sum, sum, low_rank.scale);
  return sum;
}

/// Every target must name a layer: a misspelt one would train nothing in silence.
void expect_all_used(const Config& config, const std::vector<Adapter::Layer>& layers) {
  const auto expect_used = [&](const std::string& name, const auto& matches) {
    if (std::any_of(layers.begin(), layers.end(),
                    [&](const Adapter::Layer& layer) { return matches(layer.path); })) {
      return;
    }
    throw UsageError(str("\"", name, "\" names no linear layer of the model"));
  };
  if (!config.target_pattern.empty()) {
    expect_used(config.target_pattern, [](const std::string&) { return true; });
  }
  for (const std::string& target : config.target_modules) {
    const Config one{.target_modules = {target}};
    expect_used(target, [&](const std::string& path) { return one.targets(path); });
  }
}

}  // namespace

Adapter::Adapter(nn::Module& model, Config config) : config_(std::move(config)) {
  const std::map<std::string, Linear*> linears = linears_of(model);
  std::map<std::string, Linear*> adapted;
  for (const auto& [path, linear] : linears) {
    if (!config_.targets(path)) continue;
    auto low_rank = std::make_shared<nn::LowRank>();
    low_rank->scale = config_.scale_of(path);
    low_rank->dropout = static_cast<float>(config_.lora_dropout);
    layers_.push_back({path, linear, std::move(low_rank)});
    adapted[path] = linear;
  }
  expect_all_used(config_, layers_);
  if (config_.bias == Bias::none) return;
  nn::for_each_parameter(model, [&](const std::string& path, Parameter& parameter, const Shape&) {
    if (!path.ends_with(".bias") || !parameter.defined()) return;
    const std::string key = bias_key(path, adapted);
    if (config_.bias == Bias::all || key.ends_with(".base_layer.bias")) {
      biases_.push_back({key, &parameter, single(parameter.value()), {}});
    }
  });
}

Adapter Adapter::create(nn::Module& model, Config config, uint64_t seed) {
  Adapter adapter(model, std::move(config));
  for (const Layer& layer : adapter.layers_) {
    const int64_t rank = adapter.config_.rank_of(layer.path), inputs = layer.linear->inputs();
    const double reach = 1 / std::sqrt(static_cast<double>(inputs));
    base::Random random(seed, tensor::dropout_key(seed, 0, layer.path));
    Tensor a = Tensor::empty({rank, inputs});
    for (int64_t i = 0; i < a.elements(); ++i) {
      a.data<float>()[i] = static_cast<float>(reach * (2 * random.uniform() - 1));
    }
    layer.low_rank->a.assign(a);
    layer.low_rank->b.assign(Tensor::zeros({layer.linear->outputs(), rank}));
  }
  return adapter;
}

Adapter Adapter::load(nn::Module& model, const std::filesystem::path& folder) {
  const std::filesystem::path config_path = folder / kConfigFile, weights = folder / kWeightsFile;
  const base::Json json = base::read_json(config_path);
  const std::string name = config_path.string();
  Config config = read_config(base::JsonValue(json, name));
  TensorMap tensors = tensor::read_safetensors(weights);
  const auto fail = [&](const std::string& what) -> void {
    throw base::FormatError(str(weights.string(), ": ", what));
  };
  try {
    Adapter adapter(model, std::move(config));
    std::string missing;
    const auto take = [&](const std::string& key, const Shape& shape) -> Tensor {
      const auto found = tensors.find(key);
      if (found == tensors.end()) {
        missing += "\n  " + key;
        return {};
      }
      const Tensor value = found->second;
      tensors.erase(found);
      if (value.shape() != shape) {
        fail(str(key, " is ", value.shape().str(), ", expected ", shape.str()));
      }
      return single(value);
    };
    for (const Layer& layer : adapter.layers_) {
      const int64_t rank = adapter.config_.rank_of(layer.path);
      const Tensor a = take(key_of(layer.path, ".lora_A.weight"), {rank, layer.linear->inputs()});
      const Tensor b = take(key_of(layer.path, ".lora_B.weight"), {layer.linear->outputs(), rank});
      if (a.defined()) layer.low_rank->a.assign(a);
      if (b.defined()) layer.low_rank->b.assign(b);
    }
    for (TrainedBias& bias : adapter.biases_) {
      const Tensor value = take(bias.path, bias.parameter->value().shape());
      if (value.defined()) bias.value = value;
    }
    if (!missing.empty()) fail(str("tensors that ", kConfigFile, " asks for are absent:", missing));
    std::string unknown;
    for (const auto& [key, value] : tensors) unknown += "\n  " + key;
    if (!unknown.empty()) fail("tensors match nothing in the model:" + unknown);
    return adapter;
  } catch (const UsageError& error) {
    throw base::FormatError(str(name, ": ", error.what()));
  }
}

Adapter::~Adapter() {
  disable();
}

void Adapter::save(const std::filesystem::path& folder, const std::string& base_model,
                   bool overwrite) const {
  base::StagedFolder staged(folder, overwrite);
  TensorMap tensors;
  for (const Layer& layer : layers_) {
    tensors[key_of(layer.path, ".lora_A.weight")] = layer.low_rank->a.value();
    tensors[key_of(layer.path, ".lora_B.weight")] = layer.low_rank->b.value();
  }
  for (const TrainedBias& bias : biases_) {
    tensors[bias.path] = enabled_ ? bias.parameter->value() : bias.value;
  }
  tensor::write_safetensors(staged.path() / kWeightsFile, tensors, {{"format", "pt"}});
  base::replace_file(staged.path() / kConfigFile, config_json(config_, base_model).dump(2) + "\n");
  staged.commit();
}

std::vector<std::pair<std::string, Parameter*>> Adapter::parameters() const {
  std::vector<std::pair<std::string, Parameter*>> parameters;
  for (const Layer& layer : layers_) {
    parameters.emplace_back(key_of(layer.path, ".lora_A.weight"), &layer.low_rank->a);
    parameters.emplace_back(key_of(layer.path, ".lora_B.weight"), &layer.low_rank->b);
  }
  for (const TrainedBias& bias : biases_) parameters.emplace_back(bias.path, bias.parameter);
  return parameters;
}

int64_t Adapter::elements() const {
  int64_t sum = 0;
  for (const auto& [name, parameter] : parameters()) sum += parameter->value().elements();
  return sum;
}

void Adapter::enable(float strength) {
  for (const Layer& layer : layers_) {
    if (layer.linear->low_rank && layer.linear->low_rank != layer.low_rank) {
      throw UsageError(str("another adapter is in use on ", layer.path, "; disable it first"));
    }
  }
  disable();
  for (Layer& layer : layers_) {
    layer.low_rank->scale = strength * config_.scale_of(layer.path);
    layer.linear->low_rank = layer.low_rank;
  }
  for (TrainedBias& bias : biases_) {
    bias.base = bias.parameter->value();
    bias.parameter->assign(bias.value);
  }
  enabled_ = true;
}

void Adapter::merge(float strength) {
  enable(strength);
  for (Layer& layer : layers_) {
    layer.base = layer.linear->weight.value();
    Tensor sum = single(layer.base);
    tensor::accumulate(sum, product(*layer.low_rank));
    layer.linear->weight.assign(sum);
    layer.linear->low_rank = nullptr;
  }
}

void Adapter::disable() {
  if (!enabled_) return;
  for (Layer& layer : layers_) {
    layer.linear->low_rank = nullptr;
    if (layer.base.defined()) layer.linear->weight.assign(std::exchange(layer.base, {}));
  }
  for (TrainedBias& bias : biases_) {
    bias.value = bias.parameter->value();
    bias.parameter->assign(std::exchange(bias.base, {}));
  }
  enabled_ = false;
}

}  // namespace lora
