#include "tensor/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <ostream>
#include <utility>

#include "base/json.h"
#include "tensor/file_tensor.h"

namespace tensor {
namespace {

using base::FormatError;
using base::Json;
using base::str;

constexpr std::size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeader = 100'000'000;  // the limit of the format's own reader
constexpr std::size_t kDataAlignment = 64;    // a cache line, and a vector register

constexpr std::pair<DType, const char*> kTypeNames[] = {
    {DType::f64, "F64"}, {DType::f32, "F32"},     {DType::f16, "F16"}, {DType::bf16, "BF16"},
    {DType::i64, "I64"}, {DType::i32, "I32"},     {DType::i16, "I16"}, {DType::i8, "I8"},
    {DType::u8, "U8"},   {DType::boolean, "BOOL"}};

const char* format_name(DType dtype) {
  return std::find_if(std::begin(kTypeNames), std::end(kTypeNames),
                      [&](const auto& entry) { return entry.first == dtype; })
      ->second;
}

/// A JSON value as an error shows it.
std::string shown(const Json& json) {
  std::string text = json.dump();
  if (text.size() > 60) text.replace(57, text.npos, "...");
  return text;
}

/// One tensor of the header; every check that concerns it alone. `where` begins its errors.
struct Entry {
  std::string where;
  std::string name;
  TensorType type;
  uint64_t begin = 0, end = 0;  // bytes from the start of the data

  Entry(const std::string& file, const std::string& tensor_name, const Json& json)
      : where(str(file, ": tensor \"", tensor_name, "\"")), name(tensor_name) {
    if (!json.is_object()) fail("is not an object");
    for (const auto& [key, value] : json.items()) {
      if (key != "dtype" && key != "shape" && key != "data_offsets") {
        fail(str("has an unknown key \"", key, "\""));
      }
    }
    type.dtype = read_type(member(json, "dtype"));
    type.shape = read_shape(member(json, "shape"));
    const Json& offsets = member(json, "data_offsets");
    if (!offsets.is_array() || offsets.size() != 2) fail("has data_offsets that are not a pair");
    begin = count(offsets[0], "data_offsets");
    end = count(offsets[1], "data_offsets");
    if (begin > end) fail(str("begins at byte ", begin, " and ends before, at ", end));
    const uint64_t expected = byte_count();
    if (end - begin != expected) {
      fail(str("has ", end - begin, " bytes, expected ", expected, " for ", type.shape.str(),
               " of ", format_name(type.dtype)));
    }
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw FormatError(str(where, " ", problem));
  }

 private:
  const Json& member(const Json& json, const char* key) const {
    const Json* const found = json.find(key);
    if (!found) fail(str("has no ", key));
    return *found;
  }

  uint64_t count(const Json& json, const char* key) const {
    if (!json.is_integer(0, INT64_MAX)) {
      fail(
          str("has ", shown(json), " in its ", key, ", expected an integer from 0 to ", INT64_MAX));
    }
    return json.get<uint64_t>();
  }

  DType read_type(const Json& json) const {
    for (const auto& [dtype, type_name] : kTypeNames) {
      if (json == type_name) return dtype;
    }
    fail(str("has dtype ", shown(json),
             ", expected F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL"));
  }

  Shape read_shape(const Json& json) const {
    std::array<int64_t, 8> dims{};
    if (!json.is_array()) fail("has a shape that is not a list");
    if (json.size() > dims.size()) fail(str("has ", json.size(), " axes, at most 8 expected"));
    for (std::size_t i = 0; i < json.size(); ++i) {
      dims[i] = static_cast<int64_t>(count(json[i], "shape"));
    }
    return Shape(std::span<const int64_t>(dims.data(), json.size()));
  }

  uint64_t byte_count() const {
    uint64_t bytes = size_of(type.dtype);
    bool empty = false;
    for (const int64_t dim : type.shape) {
      if (dim == 0) {
        empty = true;
      } else if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(dim), &bytes) ||
                 bytes > INT64_MAX) {
        fail(str("has shape ", type.shape.str(), ", which is more than any memory"));
      }
    }
    return empty ? 0 : bytes;
  }
};

Metadata read_metadata(const Json& json, const std::string& file) {
  if (!json.is_object()) throw FormatError(str(file, ": __metadata__ is not an object"));
  Metadata result;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) {
      throw FormatError(str(file, ": __metadata__ \"", key, "\" is not a string"));
    }
    result[key] = value.get<std::string>();
  }
  return result;
}

/// The header's text, after the checks that come before reading it as JSON.
std::string_view header_text(std::span<const std::byte> content, const std::string& file) {
  if (const auto mistake = mistaken_download(content); !mistake.empty()) {
    throw FormatError(str(file, ": ", mistake));
  }
  if (begins_with(content, "PK\3\4")) {
    throw FormatError(
        str(file, ": is a file of torch.save, not safetensors; name it .bin or .pth"));
  }
  if (content.size() < kLengthBytes) {
    throw FormatError(str(file, ": has ", content.size(), " bytes, too few for a header"));
  }
  uint64_t length;
  std::memcpy(&length, content.data(), kLengthBytes);
  if (length > content.size() - kLengthBytes) {
    throw FormatError(str(file, ": says its header has ", length, " bytes, but the file has ",
                          content.size(), " (truncated, or not safetensors)"));
  }
  if (length > kMaxHeader) {
    throw FormatError(
        str(file, ": says its header has ", length, " bytes, at most ", kMaxHeader, " expected"));
  }
  const std::string_view text(reinterpret_cast<const char*>(content.data()) + kLengthBytes,
                              static_cast<std::size_t>(length));
  if (text.empty() || text[0] != '{') {
    throw FormatError(str(file, ": the header does not begin with '{' (not safetensors)"));
  }
  return text;
}

/// Tensors must fill the data from its first byte to its last, each byte once.
void expect_tiling(std::vector<Entry>& entries, uint64_t data_size, const std::string& file) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  uint64_t position = 0;
  const Entry* before = nullptr;
  for (const Entry& entry : entries) {
    if (entry.end > data_size) {
      entry.fail(str("ends at byte ", entry.end, " of the data, which has ", data_size));
    }
    if (entry.begin < position) entry.fail(str("overlaps tensor \"", before->name, "\""));
    if (entry.begin > position) {
      entry.fail(str("begins at byte ", entry.begin, " of the data, expected ", position,
                     ": no tensor has the bytes before it"));
    }
    position = entry.end;
    before = &entry;
  }
  if (position != data_size) {
    throw FormatError(
        str(file, ": ", data_size - position, " bytes after the last tensor belong to none"));
  }
}

}  // namespace

TensorMap read_safetensors(const std::filesystem::path& path, Metadata* metadata) {
  const auto file = base::MappedFile::open(path);
  const std::string name = path.string();
  const std::string_view text = header_text(file->bytes(), name);
  const Json header = base::parse_json(text, str(name, ": header"));
  const auto data = file->bytes().subspan(kLengthBytes + text.size());

  std::vector<Entry> entries;
  Metadata found;
  for (const auto& [key, value] : header.items()) {
    if (key == "__metadata__") {
      found = read_metadata(value, name);
    } else {
      entries.emplace_back(name, key, value);
    }
  }
  expect_tiling(entries, data.size(), name);

  TensorMap tensors;
  for (const Entry& entry : entries) {
    tensors[entry.name] =
        file_tensor(entry.type.shape, entry.type.dtype, file,
                    data.subspan(entry.begin, entry.end - entry.begin), entry.where);
  }
  if (metadata) *metadata = std::move(found);
  return tensors;
}

void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, TensorType>& types,
                       const std::function<Tensor(const std::string&)>& tensor,
                       const Metadata& metadata) {
  std::vector<std::pair<std::string, TensorType>> order(types.begin(), types.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return size_of(a.second.dtype) > size_of(b.second.dtype);
  });

  Json header = Json::object();
  for (const auto& [key, value] : metadata) header["__metadata__"][key] = value;
  uint64_t position = 0;
  for (const auto& [name, type] : order) {
    const uint64_t end =
        position + static_cast<uint64_t>(type.shape.elements()) * size_of(type.dtype);
    header.items().push_back(
        {name,
         {{"dtype", format_name(type.dtype)},
          {"shape", std::vector<int64_t>(type.shape.begin(), type.shape.end())},
          {"data_offsets", {position, end}}}});
    position = end;
  }
  std::string text = header.dump();
  while ((kLengthBytes + text.size()) % kDataAlignment != 0) text += ' ';

  base::replace_file(path, [&](std::ostream& out) {
    const uint64_t length = text.size();
    out.write(reinterpret_cast<const char*>(&length), sizeof length);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    for (const auto& [name, type] : order) {
      const Tensor value = tensor(name);
      expect_shape("write_safetensors", name.c_str(), value, type.shape);
      expect_dtype("write_safetensors", name.c_str(), value, type.dtype);
      out.write(static_cast<const char*>(value.raw()), static_cast<std::streamsize>(value.bytes()));
      value.release_pages();
    }
  });
}

void write_safetensors(const std::filesystem::path& path, const TensorMap& tensors,
                       const Metadata& metadata) {
  std::map<std::string, TensorType> types;
  for (const auto& [name, value] : tensors) types[name] = {value.shape(), value.dtype()};
  write_safetensors(
      path, types, [&](const std::string& name) { return tensors.at(name); }, metadata);
}

}  // namespace tensor
