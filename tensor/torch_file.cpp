#include "tensor/torch_file.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "tensor/file_tensor.h"
#include "tensor/pickle.h"
#include "tensor/zip.h"

namespace tensor {
namespace {

using base::FormatError;
using base::str;
using Value = PickleValue;
using Kind = PickleValue::Kind;

constexpr std::pair<std::string_view, DType> kStorages[] = {
    {"torch.DoubleStorage", DType::f64}, {"torch.FloatStorage", DType::f32},
    {"torch.HalfStorage", DType::f16},   {"torch.BFloat16Storage", DType::bf16},
    {"torch.LongStorage", DType::i64},   {"torch.IntStorage", DType::i32},
    {"torch.ShortStorage", DType::i16},  {"torch.CharStorage", DType::i8},
    {"torch.ByteStorage", DType::u8},    {"torch.BoolStorage", DType::boolean}};

constexpr std::string_view kRebuildTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kRebuildParameter = "torch._utils._rebuild_parameter";

/// The classes of state dicts, and a few without behaviour that stand beside them in what training
/// scripts save.
bool allowed(const std::string& global) {
  constexpr std::string_view kOthers[] = {
      kRebuildTensor,       kRebuildParameter, "collections.OrderedDict",
      "argparse.Namespace", "torch.Size",      "torch.device"};
  return std::find(std::begin(kOthers), std::end(kOthers), global) != std::end(kOthers) ||
         std::any_of(std::begin(kStorages), std::end(kStorages),
                     [&](const auto& storage) { return storage.first == global; });
}

/// Reads one file; `bytes` of storages are found in the zip by their key.
class Reader {
 public:
  explicit Reader(std::shared_ptr<const base::MappedFile> file)
      : file_(std::move(file)), name_(file_->path().string()) {}

  TensorMap read() {
    expect_torch_zip();
    entries_ = read_zip(*file_);
    find_prefix();
    const Pickle pickle(entries_.at(prefix_ + "data.pkl"), str(name_, ": data.pkl"), allowed);

    const Value* state = &pickle.root();
    if (state->kind == Kind::dict) {
      const Value* model = find(*state, "model");
      if (model && model->kind == Kind::dict) state = model;
    }
    if (state->kind != Kind::dict) {
      fail(str("holds ", describe(state->kind), ", expected a dict of tensors"));
    }
    TensorMap tensors;
    for (std::size_t i = 0; i < state->items.size(); i += 2) {
      const Value& key = *state->items[i];
      if (key.kind != Kind::string)
        fail(str("a key is ", describe(key.kind), ", expected a string"));
      where_ = str("tensor \"", key.text, "\"");
      if (!tensors.emplace(key.text, read_tensor(*state->items[i + 1])).second) {
        fail("duplicate " + where_);
      }
    }
    return tensors;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw FormatError(str(name_, ": ", problem));
  }

  /// Errors for what is found under such names and is no zip.
  void expect_torch_zip() const {
    const auto content = file_->bytes();
    if (begins_with(content, "PK\3\4")) return;
    if (const auto mistake = mistaken_download(content); !mistake.empty())
      fail(std::string(mistake));
    if (begins_with(content, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")) {
      fail(
          "was saved in the form before torch 1.6. Any later torch turns it into one that can be "
          "read: torch.save(torch.load(FILE, map_location=\"cpu\"), NEW_FILE)");
    }
    if (content.size() > 8 && content[8] == std::byte{'{'}) {
      fail("is not a file of torch.save; if it is safetensors, name it .safetensors");
    }
    fail("is not a file of torch.save (no zip archive)");
  }

  /// The archive's files lie in one folder, whose name is that of the file when it was saved.
  void find_prefix() {
    constexpr std::string_view kPickle = "/data.pkl";
    for (const auto& [entry, content] : entries_) {
      if (!entry.ends_with(kPickle)) continue;
      if (!prefix_.empty()) fail("the zip has more than one data.pkl");
      prefix_ = entry.substr(0, entry.size() - kPickle.size() + 1);
    }
    if (prefix_.empty()) fail("the zip has no data.pkl: not a file of torch.save");
    const auto order = entries_.find(prefix_ + "byteorder");
    if (order != entries_.end() && !begins_with(order->second, "little")) {
      fail("was saved on a big-endian machine, which is not supported");
    }
  }

  static const Value* find(const Value& dict, std::string_view key) {
    for (std::size_t i = 0; i < dict.items.size(); i += 2) {
      if (dict.items[i]->kind == Kind::string && dict.items[i]->text == key)
        return dict.items[i + 1];
    }
    return nullptr;
  }

  /// The arguments if `value` is a call of `function` with at least `count` of them, else null.
  static const std::vector<const Value*>* call(const Value& value, std::string_view function,
                                               std::size_t count) {
    if (value.kind != Kind::call || value.items[0]->text != function) return nullptr;
    return value.items[1]->items.size() >= count ? &value.items[1]->items : nullptr;
  }

  Tensor read_tensor(const Value& value) {
    const Value* tensor = &value;
    if (const auto* arguments = call(value, kRebuildParameter, 1)) tensor = (*arguments)[0];
    // (storage, offset, size, stride, requires_grad, backward_hooks), all counted in elements
    const auto* arguments = call(*tensor, kRebuildTensor, 4);
    if (!arguments) fail(str(where_, " is ", describe(value.kind), ", expected a tensor"));

    const Storage storage = read_storage(*(*arguments)[0]);
    const int64_t offset = read_count(*(*arguments)[1], "offset");
    const Axes sizes = read_axes(*(*arguments)[2], "size");
    const Axes strides = read_axes(*(*arguments)[3], "stride");
    if (sizes.rank != strides.rank) fail(where_ + " has not as many strides as axes");
    return view(storage, offset, sizes, strides);
  }

  struct Storage {
    DType dtype;
    std::span<const std::byte> bytes;
    int64_t elements;
  };

  /// The persistent id ("storage", class, key, device, elements).
  Storage read_storage(const Value& value) const {
    const Value* id = value.kind == Kind::persistent ? value.items[0] : nullptr;
    if (!id || id->kind != Kind::tuple || id->items.size() != 5 ||
        id->items[1]->kind != Kind::global || id->items[2]->kind != Kind::string) {
      fail(where_ + " has no storage");
    }
    const std::string& type = id->items[1]->text;
    const auto known = std::find_if(std::begin(kStorages), std::end(kStorages),
                                    [&](const auto& storage) { return storage.first == type; });
    if (known == std::end(kStorages)) fail(str(where_, " has a storage of type ", type));
    const int64_t elements = read_count(*id->items[4], "storage size");
    const auto entry = entries_.find(str(prefix_, "data/", id->items[2]->text));
    if (entry == entries_.end()) {
      fail(str(where_, " wants storage ", id->items[2]->text, ", which the zip does not have"));
    }
    const auto bytes = entry->second;
    const std::size_t size = size_of(known->second);
    if (bytes.size() % size != 0 || static_cast<uint64_t>(elements) != bytes.size() / size) {
      fail(str(where_, " wants ", elements, " elements of ", type, ", its storage has ",
               bytes.size(), " bytes"));
    }
    return {known->second, bytes, elements};
  }

  int64_t read_count(const Value& value, const char* what) const {
    if (value.kind != Kind::integer || value.integer < 0) {
      fail(str(where_, ": its ", what, " is not an integer from 0"));
    }
    return value.integer;
  }

  struct Axes {
    std::array<int64_t, 8> values{};
    std::size_t rank = 0;
    Shape shape() const { return Shape(std::span<const int64_t>(values.data(), rank)); }
  };

  Axes read_axes(const Value& value, const char* what) const {
    const Value* tuple = &value;
    if (const auto* arguments = call(value, "torch.Size", 1)) tuple = (*arguments)[0];
    Axes axes;
    if (tuple->kind != Kind::tuple || tuple->items.size() > axes.values.size()) {
      fail(str(where_, ": its ", what, " is not a tuple of at most 8"));
    }
    for (const Value* item : tuple->items) axes.values[axes.rank++] = read_count(*item, what);
    return axes;
  }

  /// A part of a storage as a tensor: itself if it is contiguous, else a copy.
  Tensor view(const Storage& storage, int64_t offset, const Axes& sizes, const Axes& strides) {
    int64_t elements = 1, last = offset;  // of the last element; axes of length 0 left out
    bool empty = false, contiguous = true, fits = true;
    for (std::size_t i = sizes.rank; i-- > 0;) {
      const int64_t length = sizes.values[i], stride = strides.values[i];
      empty = empty || length == 0;
      if (length <= 1) continue;
      contiguous = contiguous && stride == elements;
      int64_t step = 0;
      fits = fits && !__builtin_mul_overflow(length - 1, stride, &step) &&
             !__builtin_add_overflow(last, step, &last) &&
             !__builtin_mul_overflow(elements, length, &elements);
    }
    if (!fits || (!empty && last >= storage.elements)) {
      fail(
          str(where_, " passes the end of its storage, which has ", storage.elements, " elements"));
    }
    if (empty) return Tensor::empty(sizes.shape(), storage.dtype);
    if (elements > storage.elements) fail(where_ + " repeats the elements of its storage");

    const std::size_t size = size_of(storage.dtype);
    const auto bytes = storage.bytes.subspan(static_cast<std::size_t>(offset) * size);
    const Tensor tensor =
        contiguous ? file_tensor(sizes.shape(), storage.dtype, file_,
                                 bytes.first(static_cast<std::size_t>(elements) * size), where_)
                   : gather(bytes, elements, storage.dtype, sizes, strides);
    // Many tensors may share a storage; copies of all of them must not outgrow the file.
    if (!tensor.is_mapped()) copied_ += tensor.bytes();
    if (copied_ > file_->bytes().size()) fail(where_ + " is one copy too many of a storage");
    return tensor;
  }

  Tensor gather(std::span<const std::byte> from, int64_t elements, DType dtype, const Axes& sizes,
                const Axes& strides) const {
    const std::size_t size = size_of(dtype);
    Tensor result = Tensor::empty(sizes.shape(), dtype);
    auto* const begin = static_cast<std::byte*>(result.writable());
    std::byte* to = begin;
    for (int64_t i = 0; i < elements; ++i) {
      int64_t place = 0, rest = i;
      for (std::size_t axis = sizes.rank; axis-- > 0; rest /= sizes.values[axis]) {
        place += rest % sizes.values[axis] * strides.values[axis];
      }
      const auto element = from.subspan(static_cast<std::size_t>(place) * size, size);
      to = std::copy(element.begin(), element.end(), to);
    }
    expect_booleans(dtype, {begin, result.bytes()}, where_);
    return result;
  }

  std::shared_ptr<const base::MappedFile> file_;
  std::string name_;
  std::string prefix_;  // "archive/"
  std::string where_;   // the tensor that is being read, for errors
  std::map<std::string, std::span<const std::byte>> entries_;
  std::size_t copied_ = 0;
};

}  // namespace

TensorMap read_torch_file(const std::filesystem::path& path) {
  return Reader(base::MappedFile::open(path)).read();
}

}  // namespace tensor
