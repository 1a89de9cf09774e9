#include "nn/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "nn/layers.h"
#include "tests/shared.h"
#include "tests/temporary_folder.h"
#include "tests/torch_writer.h"

namespace {

namespace fs = std::filesystem;
using tensor::DType;
using tensor::Tensor;
using tensor::TensorMap;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

/// A table, a weight for matmul with its bias, and a parameter of three axes.
struct Toy : nn::Module {
  void visit(nn::Visitor& visitor) override {
    visitor("words", words);
    visitor("linear", linear);
    visitor("token", token, {1, 1, 2});
  }
  nn::Embedding words{3, 2};
  nn::Linear linear{2, 1};
  nn::Parameter token;
};

TensorMap toy_tensors() {
  return {{"words.weight", Tensor::from<float>({3, 2}, {1, 2, 3, 4, 5, 6})},
          {"linear.weight", Tensor::from<float>({1, 2}, {7, 8})},
          {"linear.bias", Tensor::from<float>({1}, {9})},
          {"token", Tensor::from<float>({1, 1, 2}, {10, 11})}};
}

bool none(std::string_view) {
  return false;
}

std::string mismatch(const TensorMap& tensors) {
  Toy toy;
  const std::string message =
      error_of<base::CheckpointError>([&] { nn::load(toy, tensors, "toy.bin", none); });
  EXPECT_FALSE(toy.token.defined()) << "changed by a load that failed";
  return message;
}

TEST(Checkpoint, LoadsByName) {
  const TemporaryFolder folder;
  tensor::write_safetensors(folder / "model.safetensors", toy_tensors());
  Toy toy;
  nn::load(toy, nn::read_checkpoint(folder.path()), "toy", none);
  EXPECT_EQ(toy.linear.weight.value().data<float>()[1], 8);
  EXPECT_EQ(toy.linear.bias.value().data<float>()[0], 9);
  const TensorMap parameters = nn::parameters(toy);
  ASSERT_EQ(parameters.size(), 4u);
  for (const auto& [name, tensor] : toy_tensors()) {
    EXPECT_EQ(parameters.at(name).shape(), tensor.shape()) << name;
    EXPECT_EQ(std::memcmp(parameters.at(name).raw(), tensor.raw(), tensor.bytes()), 0) << name;
  }
}

TEST(Checkpoint, WeightsAndTablesKeepTheTypeOfTheFile) {
  const TemporaryFolder folder;
  TensorMap halves;
  for (const auto& [name, tensor] : toy_tensors()) {
    Tensor half = Tensor::empty(tensor.shape(), DType::f16);
    for (int64_t i = 0; i < tensor.elements(); ++i) {
      half.data<tensor::Half>()[i] = tensor::to_half(tensor.data<float>()[i]);
    }
    halves[name] = half;
  }
  tensor::write_safetensors(folder / "model.safetensors", halves);
  Toy toy;
  nn::load(toy, nn::read_checkpoint(folder.path()), "toy", none);
  EXPECT_EQ(toy.words.weight.value().dtype(), DType::f16);
  EXPECT_TRUE(toy.words.weight.value().is_mapped());
  EXPECT_EQ(toy.linear.weight.value().dtype(), DType::f16);
  EXPECT_EQ(toy.linear.bias.value().data<float>()[0], 9);
  EXPECT_EQ(toy.token.value().data<float>()[1], 11);
}

TEST(Checkpoint, ShapesNeedNoData) {
  Toy toy;
  using Entry = std::pair<std::string, tensor::Shape>;
  EXPECT_THAT(nn::parameter_shapes(toy),
              ElementsAre(Entry{"words.weight", {3, 2}}, Entry{"linear.weight", {1, 2}},
                          Entry{"linear.bias", {1}}, Entry{"token", {1, 1, 2}}));
}

TEST(CheckpointErrors, ListEverythingAtOnce) {
  TensorMap tensors = toy_tensors();
  tensors.erase("linear.bias");
  tensors["words.weight"] = Tensor::zeros({2, 3});
  tensors["token"] = Tensor::zeros({1, 1, 2}, DType::i64);
  tensors["extra.weight"] = Tensor::zeros({4});
  EXPECT_EQ(mismatch(tensors),
            "toy.bin: the tensors are not those of the model:\n"
            "  wrong shape: words.weight is [2, 3], expected [3, 2]\n"
            "  missing: linear.bias [1]\n"
            "  wrong type: token is i64, expected f32, f16 or bf16\n"
            "  unexpected: extra.weight [4]");
  Toy toy;
  EXPECT_THROW(nn::expect_fit(toy, tensors, "toy.bin", none), base::CheckpointError);
}

TEST(CheckpointErrors, OnlyWhatMayBeIgnoredIs) {
  TensorMap tensors = toy_tensors();
  tensors["position_ids"] = Tensor::zeros({4}, DType::i64);
  EXPECT_THAT(mismatch(tensors), EndsWith("\n  unexpected: position_ids [4]"));
  Toy toy;
  nn::load(toy, tensors, "toy.bin", [](std::string_view name) { return name == "position_ids"; });
  EXPECT_TRUE(toy.token.defined());
}

TEST(CheckpointErrors, AFolderWithoutWeights) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of<base::FileError>([&] { nn::read_checkpoint(folder.path()); }),
              HasSubstr("has no weights: looked for model.safetensors, pytorch_model.bin"));
  EXPECT_THAT(error_of<base::FileError>([&] { nn::read_checkpoint(folder / "model.pth"); }),
              EndsWith("model.pth: cannot open: No such file or directory"));
}

/// Two shards with a tensor each, and an index.
class Shards : public testing::Test {
 protected:
  void write_index(const std::string& map) {
    folder.write("model.safetensors.index.json", "{\"weight_map\": " + map + "}");
  }
  void SetUp() override {
    tensor::write_safetensors(folder / "a.safetensors", {{"x", Tensor::zeros({1})}});
    tensor::write_safetensors(folder / "b.safetensors",
                              {{"y", Tensor::zeros({2})}, {"unlisted", Tensor::zeros({3})}});
    write_index(R"({"x": "a.safetensors", "y": "b.safetensors"})");
  }
  template <class Error>
  std::string refusal() {
    return error_of<Error>([&] { nn::read_checkpoint(folder.path()); });
  }
  const TemporaryFolder folder;
};

TEST_F(Shards, AreReadTogether) {
  const TensorMap tensors = nn::read_checkpoint(folder.path());
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors.at("y").shape(), tensor::Shape{2});
}

TEST_F(Shards, MissingOnesAreAllListed) {
  fs::remove(folder / "a.safetensors");
  fs::remove(folder / "b.safetensors");
  EXPECT_THAT(refusal<base::FileError>(),
              EndsWith("2 of 2 files are missing:\n  a.safetensors\n  b.safetensors"));
}

TEST_F(Shards, MustHoldWhatTheIndexSays) {
  write_index(R"({"x": "b.safetensors", "y": "a.safetensors"})");
  EXPECT_THAT(
      refusal<base::FormatError>(),
      EndsWith("not in the files that it names:\n  y in a.safetensors\n  x in b.safetensors"));
}

TEST_F(Shards, LieBesideTheIndex) {
  for (const char* place :
       {"../secret.safetensors", "/etc/passwd", "..", ".", "", "a/b", "a\\\\b"}) {
    write_index(base::str(R"({"x": ")", place, "\"}"));
    EXPECT_THAT(refusal<base::FormatError>(),
                EndsWith("expected the name of a file in the same folder"))
        << place;
  }
  write_index(R"({"x": "a.safetensors\u0000"})");
  EXPECT_THAT(refusal<base::FormatError>(), HasSubstr("weight_map.x is \"a.safetensors\\u0000\""));
}

TEST_F(Shards, IllFormedIndexes) {
  write_index("[]");
  EXPECT_THAT(refusal<base::FormatError>(), EndsWith(": weight_map is [], expected an object"));
  write_index("{}");
  EXPECT_THAT(refusal<base::FormatError>(),
              EndsWith(": weight_map is {}, expected tensors and their files"));
  write_index(R"({"x": 3})");
  EXPECT_THAT(refusal<base::FormatError>(), EndsWith(": weight_map.x is 3, expected a string"));
  write_index(R"({"x": "a.safetensors", "x": "b.safetensors"})");
  EXPECT_THAT(refusal<base::FormatError>(), HasSubstr("duplicate key \"x\""));
}

TEST(Checkpoint, ShardsOfTorchFiles) {
  using namespace torch_writer;
  const TemporaryFolder folder;
  folder.write("pytorch_model-00001.bin",
               file(pickle(dict({{"x", view(storage("FloatStorage", "0", 1), 0, {1}, {1})}})),
                    {bytes_of({2.5f})}));
  folder.write("pytorch_model.bin.index.json",
               R"({"weight_map": {"x": "pytorch_model-00001.bin"}})");
  const TensorMap tensors = nn::read_checkpoint(folder.path());
  EXPECT_EQ(tensors.at("x").data<float>()[0], 2.5f);
}

TEST(Checkpoint, EveryFormOfTheGoldenModelIsTheSame) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const fs::path folder = shared::path("reference/golden/formats");
  const TensorMap single = nn::read_checkpoint(folder / "single");
  for (const char* other : {"sharded", "pytorch_bin"}) {
    const TensorMap tensors = nn::read_checkpoint(folder / other);
    for (const auto& [name, tensor] : single) {
      ASSERT_TRUE(tensors.contains(name)) << other << ' ' << name;
      EXPECT_EQ(tensors.at(name).shape(), tensor.shape());
      EXPECT_EQ(std::memcmp(tensors.at(name).raw(), tensor.raw(), tensor.bytes()), 0) << name;
    }
  }
}

}  // namespace
