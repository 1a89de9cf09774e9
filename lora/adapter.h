// An adapter: low-rank additions to some linear layers of a model (nn::LowRank), which can be
// trained, put into use, taken out again, or added into the weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "lora/config.h"
#include "nn/layers.h"

namespace lora {

/// Move-only. It points into its model, which must outlive it.
class Adapter {
 public:
  /// A layer and what is added to it.
  struct Layer {
    std::string path;  ///< of the module in the model
    nn::Linear* linear;
    std::shared_ptr<nn::LowRank> low_rank;
    tensor::Tensor base{};  ///< the layer's own weight while the addition is merged into it
  };
  /// A bias that is trained with it. It is the model's parameter: while the adapter is in use, it
  /// has the adapter's value.
  struct TrainedBias {
    std::string path;  ///< of the parameter
    nn::Parameter* parameter;
    tensor::Tensor value, base;
  };

  /// A new one for training, which changes nothing yet: b is 0, a is drawn from the uniform
  /// distribution in +-1/sqrt(inputs), the same for the same seed. UsageError if a target, or a
  /// pattern, names no linear layer of the model.
  static Adapter create(nn::Module& model, Config config, uint64_t seed);
  /// A PEFT folder: adapter_config.json and adapter_model.safetensors. FormatError if its keys are
  /// not those that its configuration says, and if a shape does not fit the model.
  static Adapter load(nn::Module& model, const std::filesystem::path& folder);
  ~Adapter();
  Adapter(Adapter&&) = default;
  Adapter& operator=(Adapter&&) = delete;

  /// Writes such a folder; UsageError if there are files in it, unless `overwrite`.
  void save(const std::filesystem::path& folder, const std::string& base_model,
            bool overwrite) const;

  const Config& config() const { return config_; }
  const std::vector<Layer>& layers() const { return layers_; }
  /// All that it trains, under the names of a PEFT file: "base_model.model.<path>.lora_A.weight".
  std::vector<std::pair<std::string, nn::Parameter*>> parameters() const;
  /// The number of its elements.
  int64_t elements() const;

  /// Whether the model computes with it; at first it does not. One adapter at a time can be in use
  /// (UsageError). `strength` multiplies the addition: 1 as trained, 0 as if it were not there.
  void enable(float strength = 1);
  void disable();
  bool enabled() const { return enabled_; }
  /// Adds the addition into the weights: the same results to rounding, at no cost. `disable` puts
  /// the layers' own weights back, bitwise.
  void merge(float strength = 1);

 private:
  Adapter(nn::Module& model, Config config);

  Config config_;
  std::vector<Layer> layers_;
  std::vector<TrainedBias> biases_;
  bool enabled_ = false;
};

}  // namespace lora
