#include "tensor/torch_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensor/pickle.h"
#include "tests/shared.h"
#include "tests/temporary_folder.h"
#include "tests/torch_writer.h"

namespace {

using namespace torch_writer;
using tensor::DType;
using tensor::TensorMap;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

TensorMap read(const std::string& content) {
  const TemporaryFolder folder;
  return tensor::read_torch_file(folder.write("x.pth", content));
}
std::string refusal(const std::string& content) {
  return error_of<base::FormatError>([&] { read(content); });
}
/// What the error says of a file with this pickled object, and one storage of six floats.
const std::string kSixFloats = bytes_of({0, 1, 2, 3, 4, 5});
std::string refused_pickle(const std::string& object) {
  return refusal(file(pickle(object), {kSixFloats}));
}
std::string six() {
  return storage("FloatStorage", "0", 6);
}
std::string refused_tensor(const std::string& value) {
  return refused_pickle(dict({{"t", value}}));
}

std::vector<float> values(const tensor::Tensor& tensor) {
  const auto span = tensor.span<float>();
  return {span.begin(), span.end()};
}

TEST(TorchFile, ViewsShareAndStridesAreCopied) {
  const TensorMap tensors = read(file(pickle(dict({{"whole", view(six(), 0, {2, 3}, {3, 1})},
                                                   {"row", view(six(), 3, {3}, {1})},
                                                   {"transposed", view(six(), 0, {3, 2}, {1, 3})},
                                                   {"column", view(six(), 1, {2, 1}, {3, 7})},
                                                   {"scalar", view(six(), 5, {}, {})},
                                                   {"empty", view(six(), 0, {0, 4}, {4, 1})}})),
                                      {kSixFloats}));
  EXPECT_EQ(tensors.size(), 6u);
  EXPECT_THAT(values(tensors.at("whole")), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_TRUE(tensors.at("whole").is_mapped());
  EXPECT_TRUE(tensors.at("row").is_mapped());
  EXPECT_EQ(tensors.at("row").data<float>(), tensors.at("whole").data<float>() + 3);
  EXPECT_THAT(values(tensors.at("transposed")), ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_EQ(tensors.at("transposed").shape(), (tensor::Shape{3, 2}));
  EXPECT_FALSE(tensors.at("transposed").is_mapped());
  EXPECT_THAT(values(tensors.at("column")), ElementsAre(1, 4));
  EXPECT_THAT(values(tensors.at("scalar")), ElementsAre(5));
  EXPECT_EQ(tensors.at("empty").shape(), (tensor::Shape{0, 4}));
}

TEST(TorchFile, EveryStorageType) {
  const std::pair<const char*, DType> types[] = {
      {"DoubleStorage", DType::f64},  {"FloatStorage", DType::f32},     {"HalfStorage", DType::f16},
      {"LongStorage", DType::i64},    {"BFloat16Storage", DType::bf16}, {"IntStorage", DType::i32},
      {"ShortStorage", DType::i16},   {"CharStorage", DType::i8},       {"ByteStorage", DType::u8},
      {"BoolStorage", DType::boolean}};
  for (const auto& [type, dtype] : types) {
    const std::string bytes(2 * tensor::size_of(dtype), '\0');
    const TensorMap tensors =
        read(file(pickle(dict({{"t", view(storage(type, "0", 2), 0, {2}, {1})}})), {bytes}));
    EXPECT_EQ(tensors.at("t").dtype(), dtype);
  }
}

TEST(TorchFile, TheModelOfATrainingCheckpoint) {
  // {model, optimizer, config, epoch}; the config an object with attributes, which are not read.
  const std::string config = global("argparse", "Namespace") + ")\x81" +
                             dict({{"lr", "G" + kSixFloats.substr(0, 8)}}) + "b";
  const std::string parameter =
      call(global("torch._utils", "_rebuild_parameter"), {view(six(), 0, {6}, {1}), "\x88", "N"});
  const std::string model = call(global("collections", "OrderedDict"), {}) + "(" + text("w") +
                            parameter + "u" + dict({{"_metadata", "N"}}) + "b";
  const TensorMap tensors = read(file(
      pickle(dict({{"optimizer", dict({{"state", "}"}, {"param_groups", "]" + dict({}) + "a"}})},
                   {"model", model},
                   {"config", config},
                   {"epoch", integer(4)}})),
      {kSixFloats}));
  ASSERT_EQ(tensors.size(), 1u);
  EXPECT_THAT(values(tensors.at("w")), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(TorchFile, Protocol4AndTheMemo) {
  const auto short_text = [](const std::string& value) {
    return '\x8c' + number(value.size(), 1) + value;
  };
  const std::string named =
      short_text("torch._utils") + "\x94" + short_text("_rebuild_tensor_v2") + "\x93\x94";
  const std::string id = "(" + short_text("storage") + short_text("torch") +
                         short_text("FloatStorage") + "\x93" + short_text("0") + short_text("cpu") +
                         "K\6tQ";
  const std::string arguments = "(" + id + "K\1K\2\x85K\1\x85\x89NtR";
  const std::string again = short_text("b") + "h\1" + arguments;  // memo 1 is the function
  const std::string content = std::string("\x80\4\x95", 3) + number(0, 8) + "}(" + short_text("a") +
                              named + arguments + again + "u.";
  const TensorMap tensors = read(file(content, {kSixFloats}));
  EXPECT_THAT(values(tensors.at("a")), ElementsAre(1, 2));
  EXPECT_THAT(values(tensors.at("b")), ElementsAre(1, 2));
}

TEST(TorchFileErrors, NothingIsCalled) {
  const std::string system = call(global("os", "system"), {text("touch /tmp/owned")});
  EXPECT_THAT(refused_pickle(system),
              HasSubstr("data.pkl, byte 13: os.system: not one of the classes a checkpoint needs"));
  EXPECT_THAT(refused_pickle(dict({{"model", dict({})}, {"config", system}})),
              HasSubstr("os.system: not one of the classes"));
  EXPECT_THAT(refused_pickle(text("builtins") + text("eval") + "\x93"),
              HasSubstr("builtins.eval: not"));
  EXPECT_THAT(refused_pickle(global("torch", "FloatStorage") + text("x") + "R"),
              HasSubstr("a call's arguments are not a tuple"));
  EXPECT_THAT(refused_pickle(text("x") + ")R"), HasSubstr("a string is called"));
  EXPECT_THAT(refused_pickle("(ios\nsystem\n"),
              HasSubstr("opcode 105 is not one a checkpoint needs"));
}

TEST(TorchFileErrors, BrokenPickles) {
  EXPECT_THAT(refusal(file("\x80\x02}")), HasSubstr("the pickle ends early"));
  EXPECT_THAT(refusal(file("")), HasSubstr("byte 0: the pickle ends early"));
  EXPECT_THAT(refusal(file("\x80\x05}.")), HasSubstr("protocol 5, expected 2 to 4"));
  EXPECT_THAT(refusal(file("\x80\x02.")), HasSubstr("the stack is empty"));
  EXPECT_THAT(refused_pickle("}}"), HasSubstr("ends with more than one object"));
  EXPECT_THAT(refused_pickle("t"), HasSubstr("wants a mark, and there is none"));
  EXPECT_THAT(refused_pickle("(0"), HasSubstr("the stack is empty"));
  EXPECT_THAT(refused_pickle("h\7"), HasSubstr("memo 7 is read before it is written"));
  EXPECT_THAT(refused_pickle("](" + text("a") + "u"),
              HasSubstr("put into a list, expected a dict"));
  EXPECT_THAT(refused_pickle("}(" + text("a") + "u"), HasSubstr("a key without a value"));
  EXPECT_THAT(refused_pickle("(Nd"), HasSubstr("a key without a value"));
  EXPECT_THAT(refused_pickle("X" + number(UINT32_MAX, 4) + "abc"),
              HasSubstr("the pickle ends early"));
  EXPECT_THAT(refused_pickle("\x8d" + number(UINT64_MAX, 8) + "abc"),
              HasSubstr("the pickle ends early"));
  EXPECT_THAT(refused_pickle("cos"), HasSubstr("the pickle ends early"));
  EXPECT_THAT(refused_pickle(std::string(1'000'001, 'N')), HasSubstr("more than 1000000 objects"));
}

TEST(TorchFileErrors, SharedAndCyclicObjectsStaySmall) {
  // Forty lists, each holding the one before it twice: 2^40 objects for whoever walks them.
  std::string doubling = "]q" + number(0, 1);
  for (uint64_t i = 1; i < 40; ++i)
    doubling += "](h" + number(i - 1, 1) + "h" + number(i - 1, 1) + "eq" + number(i, 1);
  EXPECT_THAT(refused_pickle("(" + doubling + "t"), HasSubstr("holds a tuple, expected a dict"));
  EXPECT_THAT(refused_pickle("]q" + number(0, 1) + "h" + number(0, 1) + "a"),
              HasSubstr("holds a list, expected a dict"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "(";
  EXPECT_THAT(refused_pickle(deep + "N" + std::string(100'000, 't')), HasSubstr("holds a tuple"));
}

TEST(TorchFileErrors, WhatIsNoStateDict) {
  EXPECT_THAT(refused_pickle("N"), EndsWith("holds None, expected a dict of tensors"));
  EXPECT_THAT(refused_pickle("}" + integer(1) + "Ns"),
              EndsWith("a key is an integer, expected a string"));
  EXPECT_THAT(refused_tensor(text("hello")),
              EndsWith("tensor \"t\" is a string, expected a tensor"));
  EXPECT_THAT(refused_tensor(call(global("torch", "device"), {text("cpu")})),
              EndsWith("tensor \"t\" is an object, expected a tensor"));
  EXPECT_THAT(
      refused_pickle(dict({{"t", view(six(), 0, {6}, {1})}, {"t", view(six(), 0, {6}, {1})}})),
      EndsWith("duplicate tensor \"t\""));
}

TEST(TorchFileErrors, TensorsThatPassTheirStorage) {
  const auto of = [](int64_t offset, const std::vector<int64_t>& sizes,
                     const std::vector<int64_t>& strides) {
    return refused_tensor(view(six(), offset, sizes, strides));
  };
  constexpr int64_t kHuge = int64_t{1} << 62;
  const auto passes = EndsWith("\"t\" passes the end of its storage, which has 6 elements");
  EXPECT_THAT(of(0, {7}, {1}), passes);
  EXPECT_THAT(of(1, {6}, {1}), passes);
  EXPECT_THAT(of(0, {2, 3}, {4, 1}), passes);
  EXPECT_THAT(of(6, {}, {}), passes);
  EXPECT_THAT(of(kHuge, {2}, {kHuge}), passes);
  EXPECT_THAT(of(0, {3}, {kHuge}), passes);
  EXPECT_THAT(of(0, {kHuge, kHuge}, {0, 0}), passes);
  EXPECT_THAT(of(0, {kHuge, kHuge, 0}, {0, 0, 1}), passes);
  EXPECT_THAT(of(0, {1000}, {0}), EndsWith("repeats the elements of its storage"));
  EXPECT_THAT(of(-1, {1}, {1}), EndsWith("its offset is not an integer from 0"));
  EXPECT_THAT(of(0, {-1}, {1}), EndsWith("its size is not an integer from 0"));
  EXPECT_THAT(of(0, {1}, {-1}), EndsWith("its stride is not an integer from 0"));
  EXPECT_THAT(of(0, {1, 1}, {1}), EndsWith("has not as many strides as axes"));
  EXPECT_THAT(of(0, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1}),
              HasSubstr("its size is not a tuple of at most 8"));
}

TEST(TorchFileErrors, LyingStorages) {
  const auto of = [](const std::string& stored) {
    return refused_tensor(view(stored, 0, {1}, {1}));
  };
  EXPECT_THAT(of(storage("FloatStorage", "1", 6)),
              EndsWith("wants storage 1, which the zip does not have"));
  EXPECT_THAT(of(storage("FloatStorage", "../data.pkl", 6)),
              HasSubstr("which the zip does not have"));
  EXPECT_THAT(of(storage("FloatStorage", "0", 7)),
              EndsWith("wants 7 elements of torch.FloatStorage, its storage has 24 bytes"));
  EXPECT_THAT(of(storage("DoubleStorage", "0", int64_t{1} << 61)),
              HasSubstr("its storage has 24 bytes"));
  EXPECT_THAT(refused_tensor(view(storage("BoolStorage", "0", 24), 0, {24}, {1})),
              EndsWith("a boolean is neither 0 nor 1"));
  EXPECT_THAT(of(storage("device", "0", 24)), EndsWith("has a storage of type torch.device"));
  EXPECT_THAT(of(text("0") + "Q"), EndsWith("has no storage"));
  EXPECT_THAT(of("N"), EndsWith("has no storage"));
}

TEST(TorchFileErrors, CopiesStayBelowTheFile) {
  std::vector<std::pair<std::string, std::string>> items;
  const std::vector<float> many(20'000, 1.0f);
  for (int i = 0; i < 50; ++i) {
    items.emplace_back(std::to_string(i),
                       view(storage("FloatStorage", "0", 20'000), 0, {100, 200}, {1, 100}));
  }
  EXPECT_THAT(refusal(file(pickle(dict(items)), {bytes_of(many)})),
              EndsWith("is one copy too many of a storage"));
}

TEST(TorchFileErrors, LyingZips) {
  const std::string good = file(pickle(dict({})), {kSixFloats});
  ASSERT_TRUE(read(good).empty());
  const auto changed = [&](std::size_t place, const std::string& bytes) {
    std::string content = good;
    content.replace(place, bytes.size(), bytes);
    return refusal(content);
  };
  const std::size_t directory = good.find("PK\1\2"), second = good.find("PK\1\2", directory + 1),
                    end = good.size() - 22;
  EXPECT_THAT(refusal(good.substr(0, good.size() - 1)), EndsWith("no end record (truncated?)"));
  EXPECT_THAT(refusal(good.substr(0, 10)), EndsWith("too short for a zip (truncated?)"));
  EXPECT_THAT(changed(end + 16, number(UINT32_MAX, 4)),
              HasSubstr("the zip's directory at byte 4294967295 passes"));
  EXPECT_THAT(changed(end + 10, number(3, 2)), EndsWith("has 2 entries, expected 3"));
  EXPECT_THAT(changed(end + 10, number(1, 2)), EndsWith("has more than its 1 entries"));
  EXPECT_THAT(changed(end + 4, number(1, 2)), EndsWith("is one part of several"));
  EXPECT_THAT(changed(directory + 28, number(UINT16_MAX, 2)),
              EndsWith("entry 0 of the zip's directory passes its end"));
  EXPECT_THAT(changed(directory + 42, number(1, 4)),
              EndsWith("\"archive/data.pkl\" is not where the directory says"));
  EXPECT_THAT(changed(directory + 42, number(UINT32_MAX - 1, 4)),
              HasSubstr("entry header at byte 4294967294 passes"));
  EXPECT_THAT(changed(directory + 42, number(UINT32_MAX, 4)), EndsWith("lacks its zip64 sizes"));
  EXPECT_THAT(changed(second + 42, number(0, 4)), HasSubstr("overlaps the entry before it"));
  EXPECT_THAT(changed(directory + 8, number(1, 2)), EndsWith("is encrypted"));
  EXPECT_THAT(changed(directory + 10, number(8, 2)), HasSubstr("is compressed (method 8)"));
  EXPECT_THAT(changed(directory + 46, "x"),
              HasSubstr("a header that disagrees with the directory"));
  EXPECT_THAT(changed(directory + 20, number(1, 4) + number(1, 4)),
              HasSubstr("a header that disagrees with the directory"));
  const std::string million = number(1'000'000, 4);
  std::string bomb = good;
  bomb.replace(second + 20, 8, million + million);
  bomb.replace(good.find("PK\3\4", 1) + 18, 8, million + million);
  EXPECT_THAT(refusal(bomb), HasSubstr("the zip's entry content"));
  EXPECT_THAT(refusal(zip({{"a/data.pkl", ""}, {"a/data.pkl", ""}})), EndsWith("is a duplicate"));
  EXPECT_THAT(refusal(zip({{"a/data.pkl", ""}, {"b/data.pkl", ""}})),
              EndsWith("more than one data.pkl"));
  EXPECT_THAT(refusal(zip({{"a/x", ""}})), EndsWith("has no data.pkl: not a file of torch.save"));
  EXPECT_THAT(refusal(zip({{"a/data.pkl", pickle("}")}, {"a/byteorder", "big"}})),
              HasSubstr("big-endian"));
}

TEST(TorchFileErrors, OtherFilesUnderTheName) {
  EXPECT_THAT(refusal("version https://git-lfs.github.com/spec/v1\n"),
              HasSubstr("is a git-lfs pointer"));
  EXPECT_THAT(refusal("<html>"), HasSubstr("is a web page"));
  EXPECT_THAT(refusal("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M"),
              HasSubstr("before torch 1.6. Any later torch turns it into one that can be read"));
  EXPECT_THAT(refusal(number(2, 8) + "{}"),
              HasSubstr("if it is safetensors, name it .safetensors"));
  EXPECT_THAT(refusal(""), EndsWith("is not a file of torch.save (no zip archive)"));
}

TEST(TorchFile, ReadsTheGoldenFiles) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const auto folder = shared::path("reference/golden/formats");
  const TensorMap single = tensor::read_safetensors(folder / "single/model.safetensors");
  const TensorMap bin = tensor::read_torch_file(folder / "pytorch_bin/pytorch_model.bin");
  for (const auto& [name, tensor] : single) {
    ASSERT_TRUE(bin.contains(name)) << name;
    EXPECT_TRUE(bin.at(name).is_mapped()) << name;
    EXPECT_EQ(values(bin.at(name)), values(tensor)) << name;
  }
  const TensorMap original = tensor::read_torch_file(folder / "salesforce/model_caption.pth");
  EXPECT_EQ(original.size(), 124u);
  EXPECT_EQ(original.at("text_decoder.bert.embeddings.position_ids").dtype(), DType::i64);
  EXPECT_EQ(values(original.at("visual_encoder.blocks.1.mlp.fc2.weight")),
            values(single.at("vision_model.encoder.layers.1.mlp.fc2.weight")));
}

}  // namespace
