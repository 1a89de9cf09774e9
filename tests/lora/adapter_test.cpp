#include "lora/adapter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "autograd/tape.h"
#include "base/file.h"
#include "base/json.h"
#include "base/random.h"
#include "tensor/safetensors.h"
#include "tests/errors.h"
#include "tests/reference/twins.h"
#include "tests/temporary_folder.h"

namespace {

using lora::Adapter;
using lora::Config;
using nn::Activation;
using nn::Var;
using tensor::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;

/// Two blocks of two layers.
struct Toy : nn::Module {
  struct Block : nn::Module {
    void visit(nn::Visitor& visitor) override {
      visitor("query", query);
      visitor("mlp.fc1", fc1);
    }
    nn::Linear query{6, 5}, fc1{5, 6};
  };
  Toy() {
    blocks.resize(2);
    nn::name_paths(*this);
    uint64_t seed = 1;
    nn::for_each_parameter(
        *this, [&](const std::string&, nn::Parameter& parameter, const tensor::Shape& shape) {
          parameter.assign(reference::random(shape, seed++));
        });
  }
  void visit(nn::Visitor& visitor) override { visitor("layers", blocks); }
  Var operator()(const Var& x, const nn::Pass& pass = {}) const {
    Var y = x;
    for (const Block& block : blocks) {
      y = block.fc1(block.query(y, pass), pass, Activation::gelu, y);
    }
    return y;
  }
  std::vector<Block> blocks;
};

Config config_of(std::vector<std::string> targets) {
  return {.r = 2, .lora_alpha = 3, .lora_dropout = 0, .target_modules = std::move(targets)};
}

/// An adapter that changes something: b of a new one is 0.
Adapter random_adapter(Toy& toy, const Config& config, uint64_t seed) {
  Adapter adapter = Adapter::create(toy, config, seed);
  for (const Adapter::Layer& layer : adapter.layers()) {
    layer.low_rank->b.assign(reference::random(layer.low_rank->b.value().shape(), ++seed));
  }
  return adapter;
}

bool same(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
}

double difference(const Tensor& a, const Tensor& b) {
  return reference::max_difference(a, {b.span<float>().begin(), b.span<float>().end()});
}

TEST(Adapter, AddsScaleTimesBTimesA) {
  Toy toy;
  Adapter adapter = random_adapter(toy, config_of({"query"}), 5);
  ASSERT_EQ(adapter.layers().size(), 2);
  const nn::LowRank& low_rank = *adapter.layers()[0].low_rank;
  EXPECT_FLOAT_EQ(low_rank.scale, 1.5f);
  const nn::Linear& query = toy.blocks[0].query;
  Tensor sum = Tensor::empty({5, 6});
  for (int64_t n = 0; n < 5; ++n) {
    for (int64_t k = 0; k < 6; ++k) {
      float& element = sum.data<float>()[n * 6 + k];
      element = query.weight.value().data<float>()[n * 6 + k];
      for (int64_t r = 0; r < 2; ++r) {
        element += 1.5f * low_rank.b.value().data<float>()[n * 2 + r] *
                   low_rank.a.value().data<float>()[r * 6 + k];
      }
    }
  }
  const Tensor x = reference::random({3, 6}, 9), residual = reference::random({3, 5}, 10);
  adapter.enable();
  for (const Activation activation : {Activation::none, Activation::gelu}) {
    for (const Tensor& added : {Tensor(), residual}) {
      const Tensor y = query(Var(x), {}, activation, Var(added)).value;
      const auto twin = reference::matmul(x, sum, query.bias.value(), activation, added);
      EXPECT_LT(reference::max_difference(y, twin), 1e-5);
    }
  }
}

TEST(Adapter, ChangesNothingWhenNewOrDisabled) {
  Toy toy;
  const Var x(reference::random({4, 6}, 3));
  const Tensor before = toy(x).value;
  Adapter fresh = Adapter::create(toy, config_of({"query", "mlp.fc1"}), 1);
  fresh.enable();
  EXPECT_LT(difference(toy(x).value, before), 1e-6);
  fresh.disable();
  Adapter other = random_adapter(toy, config_of({"layers.1.mlp.fc1"}), 2);
  other.enable();
  EXPECT_GT(difference(toy(x).value, before), 0.01);
  other.enable(0);
  EXPECT_LT(difference(toy(x).value, before), 1e-6);
  other.disable();
  EXPECT_TRUE(same(toy(x).value, before));
  { const Adapter gone = random_adapter(toy, config_of({"query"}), 2); }
  EXPECT_TRUE(same(toy(x).value, before));
}

TEST(Adapter, MergedIsTheSameToRoundingAndComesOutAgain) {
  Toy toy;
  const Var x(reference::random({4, 6}, 3));
  const Tensor before = toy(x).value;
  Adapter adapter = random_adapter(toy, config_of({"query", "fc1"}), 4);
  adapter.enable(0.5f);
  const Tensor beside = toy(x).value;
  adapter.merge(0.5f);
  EXPECT_EQ(toy.blocks[0].query.low_rank, nullptr);
  EXPECT_LT(difference(toy(x).value, beside), 1e-5);
  adapter.disable();
  EXPECT_TRUE(same(toy(x).value, before));
}

TEST(Adapter, OneAtATimeIsInUse) {
  Toy toy;
  Adapter first = random_adapter(toy, config_of({"query"}), 1),
          second = random_adapter(toy, config_of({"query"}), 2);
  first.enable();
  EXPECT_EQ(error_of<base::UsageError>([&] { second.enable(); }),
            "another adapter is in use on layers.0.query; disable it first");
  first.disable();
  second.enable();
  EXPECT_EQ(toy.blocks[1].query.low_rank, second.layers()[1].low_rank);
}

TEST(Adapter, LearnsAndLeavesTheModelFrozen) {
  Toy toy;
  Adapter adapter = random_adapter(toy, config_of({"query", "fc1"}), 1);
  adapter.enable();
  for (const auto& [name, parameter] : adapter.parameters()) parameter->set_requires_grad(true);
  autograd::Tape tape;
  const Var y = toy(Var(reference::random({4, 6}, 3)));
  // The sum of the outputs, as a product with ones.
  nn::Parameter ones;
  ones.assign(reference::random({1, 6}, 8));
  nn::Linear sum(6, 1);
  sum.weight.assign(ones.value());
  sum.bias.assign(Tensor::zeros({1}));
  const Var loss = sum(y, {});
  tape.backward(loss.slice(0, 1));
  for (const auto& entry : adapter.parameters()) {
    const std::string& name = entry.first;
    nn::Parameter* const parameter = entry.second;
    ASSERT_TRUE(parameter->grad().defined()) << name;
    // Central differences of one element.
    const auto loss_with = [&](float step) {
      Tensor value = parameter->value();
      value.data<float>()[1] += step;
      const float result = sum(toy(Var(reference::random({4, 6}, 3))), {}).value.data<float>()[0];
      value.data<float>()[1] -= step;
      return double{result};
    };
    const autograd::NoTape pause;
    const double slope = (loss_with(1e-2f) - loss_with(-1e-2f)) / 2e-2;
    EXPECT_NEAR(parameter->grad().span<float>()[1], slope, 2e-2 * (1 + std::abs(slope))) << name;
  }
  nn::for_each_parameter(
      toy, [](const std::string& path, nn::Parameter& parameter, const tensor::Shape&) {
        EXPECT_FALSE(parameter.grad().defined()) << path;
      });
}

TEST(Adapter, DropsOnlyWhenTrainingAndTheSameForTheSameSample) {
  Toy toy;
  Config config = config_of({"query"});
  config.lora_dropout = 0.5;
  Adapter adapter = random_adapter(toy, config, 1);
  adapter.enable();
  const Tensor x = reference::random({2, 6}, 3);
  const auto rows = [](std::vector<int32_t> samples) {
    return nn::RowIds{.samples = Tensor::from({2}, samples),
                      .tokens = Tensor::from<int32_t>({2}, {0, 0})};
  };
  const auto run = [&](bool training, uint64_t step, std::vector<int32_t> samples) {
    return toy.blocks[0].query(
        Var(x), {.training = training, .seed = 1, .step = step, .rows = rows(std::move(samples))});
  };
  const Tensor plain = run(false, 1, {4, 7}).value, dropped = run(true, 1, {4, 7}).value;
  EXPECT_TRUE(same(plain, run(false, 2, {4, 8}).value));
  EXPECT_FALSE(same(plain, dropped));
  EXPECT_TRUE(same(dropped, run(true, 1, {4, 7}).value));
  EXPECT_FALSE(same(dropped, run(true, 2, {4, 7}).value));
  const Tensor other = run(true, 1, {4, 9}).value;
  EXPECT_TRUE(same(dropped.slice(0, 1), other.slice(0, 1)));
  EXPECT_FALSE(same(dropped.slice(1, 2), other.slice(1, 2)));
}

TEST(AdapterFile, ComesBack) {
  const TemporaryFolder folder;
  Toy toy;
  Config config = config_of({"query", "layers.1.mlp.fc1"});
  config.rank_pattern["0.query"] = 4;
  config.alpha_pattern["layers\\.1\\..*"] = 10;
  config.use_rslora = true;
  config.bias = lora::Bias::lora_only;
  Adapter adapter = random_adapter(toy, config, 1);
  adapter.save(folder / "adapter", "some/model", false);
  Adapter loaded = Adapter::load(toy, folder / "adapter");
  ASSERT_EQ(loaded.layers().size(), 3);
  EXPECT_EQ(loaded.parameters().size(), 9);
  EXPECT_EQ(loaded.elements(), adapter.elements());
  EXPECT_FLOAT_EQ(loaded.layers()[0].low_rank->scale, 3 / 2.f);
  EXPECT_FLOAT_EQ(loaded.layers()[1].low_rank->scale, static_cast<float>(10 / std::sqrt(2.0)));
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(loaded.parameters()[i].first, adapter.parameters()[i].first);
    EXPECT_TRUE(
        same(loaded.parameters()[i].second->value(), adapter.parameters()[i].second->value()));
  }
  const auto tensors = tensor::read_safetensors(folder / "adapter/adapter_model.safetensors");
  EXPECT_TRUE(tensors.contains("base_model.model.layers.0.query.base_layer.bias"));
  EXPECT_FALSE(tensors.contains("base_model.model.layers.0.mlp.fc1.base_layer.bias"));
  EXPECT_THROW(adapter.save(folder / "adapter", "m", false), base::UsageError);
  adapter.save(folder / "adapter", "m", true);
}

TEST(AdapterFile, TrainedBiasesComeAndGoWithIt) {
  Toy toy;
  Config config = config_of({"query"});
  config.bias = lora::Bias::all;
  const Var x(reference::random({4, 6}, 3));
  const Tensor before = toy(x).value;
  Adapter adapter = Adapter::create(toy, config, 1);
  ASSERT_EQ(adapter.parameters().size(), 2 * 2 + 4);
  adapter.enable();
  toy.blocks[0].fc1.bias.assign(reference::random({6}, 77));
  const Tensor after = toy(x).value;
  EXPECT_GT(difference(after, before), 0.01);
  adapter.disable();
  EXPECT_TRUE(same(toy(x).value, before));
  adapter.enable();
  EXPECT_TRUE(same(toy(x).value, after));
}

TEST(AdapterErrors, NameWhatDoesNotFit) {
  const TemporaryFolder folder;
  Toy toy;
  EXPECT_EQ(error_of<base::UsageError>([&] {
              Adapter::create(toy, config_of({"query", "qurey"}), 1);
            }),
            "\"qurey\" names no linear layer of the model");
  Config pattern = config_of({});
  pattern.target_pattern = "query";  // a whole path must match
  EXPECT_EQ(error_of<base::UsageError>([&] { Adapter::create(toy, pattern, 1); }),
            "\"query\" names no linear layer of the model");
  pattern.target_pattern = "(";
  EXPECT_THAT(error_of<base::UsageError>([&] { Adapter::create(toy, pattern, 1); }),
              HasSubstr("\"(\" is no regular expression"));
  pattern.target_pattern = ".*\\.(query|fc1)";
  EXPECT_EQ(Adapter::create(toy, pattern, 1).layers().size(), 4);

  const auto path = folder / "a";
  random_adapter(toy, config_of({"query"}), 1).save(path, "m", false);
  const auto file = path / "adapter_model.safetensors";
  const tensor::TensorMap tensors = tensor::read_safetensors(file);
  const std::string key = "base_model.model.layers.0.query.lora_A.weight";
  const auto error_with = [&](const tensor::TensorMap& changed) {
    tensor::write_safetensors(file, changed);
    return error_of<base::FormatError>([&] { Adapter::load(toy, path); });
  };
  tensor::TensorMap changed = tensors;
  changed.erase(key);
  EXPECT_EQ(error_with(changed),
            file.string() + ": tensors that adapter_config.json asks for are absent:\n  " + key);
  changed = tensors;
  changed["base_model.model.layers.7.query.lora_A.weight"] = Tensor::zeros({2, 6});
  EXPECT_EQ(error_with(changed), file.string() +
                                     ": tensors match nothing in the model:\n  "
                                     "base_model.model.layers.7.query.lora_A.weight");
  changed = tensors;
  changed[key] = Tensor::zeros({2, 5});
  EXPECT_EQ(error_with(changed), file.string() + ": " + key + " is [2, 5], expected [2, 6]");
}

TEST(LoraConfig, RefusesWhatIsNotHereByName) {
  const auto error = [](const std::string& members) {
    const base::Json json = base::parse_json(
        R"({"peft_type": "LORA", "target_modules": ["query"])" + members + "}", "c.json");
    const std::string name = "c.json";
    return error_of<base::FormatError>([&] { lora::read_config(base::JsonValue(json, name)); });
  };
  EXPECT_EQ(error(""), "no error");
  EXPECT_EQ(error(R"(, "use_dora": false, "modules_to_save": null, "loftq_config": {})"),
            "no error");
  for (const char* members :
       {R"(, "use_dora": true)", R"(, "modules_to_save": ["cls"])",
        R"(, "layers_to_transform": [1])", R"(, "fan_in_fan_out": true)", R"(, "lora_bias": true)",
        R"(, "exclude_modules": "x")", R"(, "some_new_thing": 1)"}) {
    const std::string text = members;
    EXPECT_THAT(error(text), HasSubstr(text.substr(3, text.find('"', 3) - 3))) << text;
    EXPECT_THAT(error(text), HasSubstr("has nothing of the kind")) << text;
  }
  EXPECT_THAT(error(R"(, "bias": "some")"), HasSubstr("expected none, lora_only or all"));
  EXPECT_THAT(error(R"(, "r": 0)"), HasSubstr("r is 0"));
}

TEST(LoraConfig, PresetsAreTheStudys) {
  const Config decoder = lora::preset("decoder", 24), both = lora::preset("decoder+encoder:6", 24);
  EXPECT_EQ(decoder.r, 16);
  EXPECT_EQ(decoder.scale_of("x"), 2);
  for (const Config& config : {decoder, both}) {
    EXPECT_TRUE(config.targets("text_decoder.bert.encoder.layer.3.crossattention.self.value"));
    EXPECT_TRUE(config.targets("text_decoder.bert.encoder.layer.3.attention.output.dense"));
    EXPECT_TRUE(config.targets("text_decoder.bert.encoder.layer.11.output.dense"));
    EXPECT_FALSE(config.targets("text_decoder.cls.predictions.transform.dense"));
    EXPECT_FALSE(config.targets("vision_model.encoder.layers.17.mlp.fc1"));
    EXPECT_FALSE(config.targets("vision_model.encoder.layers.23.self_attn.projection"));
  }
  EXPECT_FALSE(decoder.targets("vision_model.encoder.layers.18.mlp.fc1"));
  EXPECT_TRUE(both.targets("vision_model.encoder.layers.18.mlp.fc1"));
  EXPECT_TRUE(both.targets("vision_model.encoder.layers.23.self_attn.qkv"));
  EXPECT_THROW(lora::preset("encoder", 24), base::UsageError);
  EXPECT_THROW(lora::preset("decoder+encoder:25", 24), base::UsageError);
  EXPECT_THROW(lora::preset("decoder+encoder:six", 24), base::UsageError);
}

}  // namespace
