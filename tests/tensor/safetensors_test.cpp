#include "tensor/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/shared.h"
#include "tests/temporary_folder.h"

namespace {

using tensor::DType;
using tensor::Tensor;
using tensor::TensorMap;
using testing::EndsWith;
using testing::HasSubstr;

/// A file of 8 bytes of length, a header and data.
std::string file_of(const std::string& header, const std::string& data, uint64_t length) {
  std::string content(8, '\0');
  std::memcpy(content.data(), &length, 8);
  return content + header + data;
}
std::string file_of(const std::string& header, const std::string& data) {
  return file_of(header, data, header.size());
}

TensorMap read(const std::string& content, tensor::Metadata* metadata = nullptr) {
  const TemporaryFolder folder;
  return tensor::read_safetensors(folder.write("x.safetensors", content), metadata);
}

std::string refusal(const std::string& content) {
  return error_of<base::FormatError>([&] { read(content); });
}
std::string refusal(const std::string& header, const std::string& data) {
  return refusal(file_of(header, data));
}

const std::string kFour(4, '\0'), kEight(8, '\0');

TEST(Safetensors, ReadsEveryTypeScalarsAndEmptyTensors) {
  const std::string header = R"({"__metadata__":{"format":"pt"},)"
                             R"("a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},)"
                             R"("b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},)"
                             R"("c":{"dtype":"F32","shape":[1,1],"data_offsets":[16,20]},)"
                             R"("d":{"dtype":"I32","shape":[1],"data_offsets":[20,24]},)"
                             R"("e":{"dtype":"F16","shape":[1],"data_offsets":[24,26]},)"
                             R"("f":{"dtype":"BF16","shape":[1],"data_offsets":[26,28]},)"
                             R"("g":{"dtype":"I16","shape":[1],"data_offsets":[28,30]},)"
                             R"("h":{"dtype":"I8","shape":[1],"data_offsets":[30,31]},)"
                             R"("i":{"dtype":"U8","shape":[1],"data_offsets":[31,32]},)"
                             R"("j":{"dtype":"BOOL","shape":[2],"data_offsets":[32,34]},)"
                             R"("k":{"dtype":"F32","shape":[0,7],"data_offsets":[34,34]}}  )";
  std::string data(34, '\0');
  const double one = 1;
  const int64_t minus_two = -2;
  std::memcpy(data.data(), &one, 8);
  std::memcpy(data.data() + 8, &minus_two, 8);
  data[33] = 1;
  tensor::Metadata metadata;
  const TensorMap tensors = read(file_of(header, data), &metadata);
  EXPECT_EQ(metadata, (tensor::Metadata{{"format", "pt"}}));
  EXPECT_EQ(tensors.at("a").data<double>()[0], 1);
  EXPECT_EQ(tensors.at("b").shape(), tensor::Shape{});
  EXPECT_EQ(tensors.at("b").data<int64_t>()[0], -2);
  const std::pair<const char*, DType> types[] = {
      {"c", DType::f32}, {"d", DType::i32}, {"e", DType::f16}, {"f", DType::bf16},
      {"g", DType::i16}, {"h", DType::i8},  {"i", DType::u8},  {"j", DType::boolean}};
  for (const auto& [name, dtype] : types) EXPECT_EQ(tensors.at(name).dtype(), dtype) << name;
  EXPECT_TRUE(tensors.at("j").data<bool>()[1]);
  EXPECT_EQ(tensors.at("k").shape(), (tensor::Shape{0, 7}));
}

TEST(Safetensors, CopiesWhatIsNotAligned) {
  std::string header = R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                       R"("y":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})";
  while (header.size() % 8 != 0) header += ' ';
  const float value = 1.5f;
  std::string data(5, '\7');
  std::memcpy(data.data() + 1, &value, 4);
  const TensorMap tensors = read(file_of(header, data));
  EXPECT_TRUE(tensors.at("x").is_mapped());
  EXPECT_FALSE(tensors.at("y").is_mapped());
  EXPECT_EQ(tensors.at("y").data<float>()[0], 1.5f);
}

TEST(Safetensors, WritesWhatItReads) {
  const TemporaryFolder folder;
  const TensorMap written{{"bytes", Tensor::from<uint8_t>({3}, {1, 2, 3})},
                          {"empty", Tensor::empty({2, 0})},
                          {"halves", Tensor::from<tensor::Half>({1}, {{0x3C00}})},
                          {"scalar", Tensor::from<int64_t>({}, {-5})},
                          {"words", Tensor::from<float>({2, 2}, {1, 2, 3, 4})}};
  tensor::write_safetensors(folder / "x", written, {{"a", "b"}});
  tensor::Metadata metadata;
  const TensorMap read = tensor::read_safetensors(folder / "x", &metadata);
  EXPECT_EQ(metadata, (tensor::Metadata{{"a", "b"}}));
  ASSERT_EQ(read.size(), written.size());
  for (const auto& [name, tensor] : written) {
    const Tensor& found = read.at(name);
    EXPECT_TRUE(found.is_mapped()) << name << " is not aligned";
    EXPECT_EQ(found.shape(), tensor.shape());
    EXPECT_EQ(found.dtype(), tensor.dtype());
    EXPECT_EQ(std::memcmp(found.raw(), tensor.raw(), tensor.bytes()), 0) << name;
  }
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(read.at("scalar").raw()) % 64, 0u);
}

TEST(Safetensors, AFailedWriteLeavesTheOldFile) {
  const TemporaryFolder folder;
  folder.write("x", "old");
  const std::map<std::string, tensor::TensorType> types{{"a", {{2}, DType::f32}}};
  const std::string message = error_of<base::ShapeError>([&] {
    tensor::write_safetensors(folder / "x", types,
                              [](const std::string&) { return Tensor::zeros({3}); });
  });
  EXPECT_EQ(message, "write_safetensors: a is [3], expected [2]");
  EXPECT_EQ(base::read_file(folder / "x"), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(SafetensorsErrors, LyingHeaderLengths) {
  EXPECT_THAT(refusal(""), EndsWith("has 0 bytes, too few for a header"));
  EXPECT_THAT(refusal("abc"), EndsWith("has 3 bytes, too few for a header"));
  EXPECT_THAT(refusal(file_of("{}", "", uint64_t{1} << 60)),
              EndsWith("says its header has 1152921504606846976 bytes, but the file has 10 "
                       "(truncated, or not safetensors)"));
  EXPECT_THAT(refusal(file_of("{}", "", 3)), HasSubstr("says its header has 3 bytes"));
  EXPECT_THAT(refusal(file_of("", "", 0)), EndsWith("does not begin with '{' (not safetensors)"));
  EXPECT_THAT(refusal(" {}", ""), EndsWith("does not begin with '{' (not safetensors)"));
}

TEST(SafetensorsErrors, BrokenJson) {
  EXPECT_THAT(refusal("{\"a\":", ""), HasSubstr("header:1: not valid JSON"));
  EXPECT_THAT(refusal("{\"a\xff\":1}", ""), HasSubstr("not valid JSON"));
  EXPECT_THAT(refusal(R"({"a":1,"a":1})", ""), EndsWith("duplicate key \"a\" in an object"));
  EXPECT_THAT(refusal("{\"a\":" + std::string(300, '[') + std::string(300, ']') + "}", ""),
              HasSubstr("nested more than"));
}

TEST(SafetensorsErrors, IllFormedEntries) {
  const auto of = [](const std::string& entry) { return refusal("{\"t\":" + entry + "}", kFour); };
  EXPECT_THAT(of("3"), EndsWith("tensor \"t\" is not an object"));
  EXPECT_THAT(of(R"({"shape":[1],"data_offsets":[0,4]})"), EndsWith("\"t\" has no dtype"));
  EXPECT_THAT(of(R"({"dtype":"F32","data_offsets":[0,4]})"), EndsWith("\"t\" has no shape"));
  EXPECT_THAT(of(R"({"dtype":"F32","shape":[1]})"), EndsWith("\"t\" has no data_offsets"));
  EXPECT_THAT(of(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1})"),
              EndsWith("\"t\" has an unknown key \"x\""));
  EXPECT_THAT(of(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4,8]})"),
              EndsWith("has data_offsets that are not a pair"));
  EXPECT_THAT(of(R"({"dtype":"F32","shape":4,"data_offsets":[0,4]})"),
              EndsWith("has a shape that is not a list"));
  EXPECT_THAT(of(R"({"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]})"),
              EndsWith("has 9 axes, at most 8 expected"));
  EXPECT_THAT(refusal(R"({"__metadata__":{"a":1}})", ""),
              EndsWith("__metadata__ \"a\" is not a string"));
  EXPECT_THAT(refusal(R"({"__metadata__":[]})", ""), EndsWith("__metadata__ is not an object"));
}

TEST(SafetensorsErrors, TypesThatHaveNoPlaceHere) {
  for (const char* type : {"\"F8_E4M3\"", "\"f32\"", "\"U16\"", "3"}) {
    EXPECT_THAT(
        refusal(base::str(R"({"t":{"dtype":)", type, R"(,"shape":[4],"data_offsets":[0,4]}})"),
                kFour),
        HasSubstr(base::str("tensor \"t\" has dtype ", type, ", expected F64, F32,")));
  }
  EXPECT_THAT(refusal(R"({"t":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})", "\2"),
              EndsWith("tensor \"t\": a boolean is neither 0 nor 1"));
}

TEST(SafetensorsErrors, LyingShapes) {
  const auto of = [](const std::string& shape) {
    return refusal(R"({"t":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,4]}})", kFour);
  };
  EXPECT_THAT(of("[-1]"), HasSubstr("has -1 in its shape, expected an integer from 0"));
  EXPECT_THAT(of("[1.5]"), HasSubstr("has 1.5 in its shape"));
  EXPECT_THAT(of("[18446744073709551615]"), HasSubstr("in its shape"));
  EXPECT_THAT(of("[\"1\"]"), HasSubstr("has \"1\" in its shape"));
  EXPECT_THAT(of("[4294967296,4294967296]"), HasSubstr("more than any memory"));
  EXPECT_THAT(of("[0,4294967296,4294967296]"), HasSubstr("more than any memory"));
  EXPECT_THAT(of("[2]"), EndsWith("has 4 bytes, expected 8 for [2] of F32"));
}

TEST(SafetensorsErrors, LyingRanges) {
  const auto of = [](const char* a, const char* b, const std::string& data) {
    return refusal(base::str(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)", a,
                             R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":)", b, "}}"),
                   data);
  };
  EXPECT_THAT(of("[4,0]", "[0,4]", kEight),
              EndsWith("\"a\" begins at byte 4 and ends before, at 0"));
  EXPECT_THAT(of("[0,4]", "[4,8]", kFour),
              EndsWith("\"b\" ends at byte 8 of the data, which has 4"));
  EXPECT_THAT(of("[1152921504606846976,1152921504606846980]", "[0,4]", kFour),
              HasSubstr("\"a\" ends at byte 1152921504606846980"));
  EXPECT_THAT(of("[9223372036854775808,9223372036854775812]", "[0,4]", kFour),
              HasSubstr("in its data_offsets, expected an integer"));
  EXPECT_THAT(of("[0,4]", "[0,4]", kFour), EndsWith("overlaps tensor \"a\""));
  EXPECT_THAT(of("[0,4]", "[2,6]", kEight), EndsWith("\"b\" overlaps tensor \"a\""));
  EXPECT_THAT(of("[0,4]", "[5,9]", kEight + "x"),
              EndsWith("\"b\" begins at byte 5 of the data, expected 4: no tensor has the bytes "
                       "before it"));
  EXPECT_THAT(of("[0,4]", "[4,8]", kEight + "xyz"),
              EndsWith("3 bytes after the last tensor belong to none"));
}

TEST(SafetensorsErrors, OtherFilesUnderTheName) {
  EXPECT_THAT(refusal("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n"),
              HasSubstr("is a git-lfs pointer"));
  EXPECT_THAT(refusal("\n<!DOCTYPE html><html></html>"), HasSubstr("is a web page"));
  EXPECT_THAT(refusal("PK\3\4xxxxxxxxxxxxxxxx"), HasSubstr("is a file of torch.save"));
  const std::string missing =
      error_of<base::FileError>([] { tensor::read_safetensors("/nonexistent/x.safetensors"); });
  EXPECT_EQ(missing, "/nonexistent/x.safetensors: cannot open: No such file or directory");
}

TEST(Safetensors, ReadsTheGoldenFiles) {
  if (!shared::available()) GTEST_SKIP() << shared::kWhyNot;
  const auto folder = shared::path("reference/golden/formats");
  const TensorMap single = tensor::read_safetensors(folder / "single/model.safetensors");
  EXPECT_EQ(single.size(), 91u);
  const TensorMap half = tensor::read_safetensors(folder / "float16/model.safetensors");
  const TensorMap brain = tensor::read_safetensors(folder / "bfloat16/model.safetensors");
  for (const auto& [name, tensor] : single) {
    for (int64_t i = 0; i < tensor.elements(); ++i) {
      const float value = tensor.data<float>()[i];
      ASSERT_EQ(half.at(name).data<tensor::Half>()[i].bits, tensor::to_half(value).bits) << name;
      ASSERT_EQ(brain.at(name).data<tensor::BFloat16>()[i].bits, tensor::to_bfloat16(value).bits)
          << name;
    }
  }
}

}  // namespace
