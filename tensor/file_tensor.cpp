#include "tensor/file_tensor.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tensor {

static_assert(std::endian::native == std::endian::little, "model files are little-endian");

void expect_booleans(DType dtype, std::span<const std::byte> bytes, const std::string& name) {
  if (dtype == DType::boolean && std::any_of(bytes.begin(), bytes.end(), [](std::byte value) {
        return value > std::byte{1};
      })) {
    throw base::FormatError(name + ": a boolean is neither 0 nor 1");
  }
}

Tensor file_tensor(const Shape& shape, DType dtype, std::shared_ptr<const base::MappedFile> file,
                   std::span<const std::byte> bytes, const std::string& name) {
  expect_booleans(dtype, bytes, name);
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % size_of(dtype) == 0) {
    return Tensor::mapped(shape, dtype, std::move(file), bytes.data());
  }
  Tensor copy = Tensor::empty(shape, dtype);
  std::memcpy(copy.writable(), bytes.data(), bytes.size());
  return copy;
}

bool begins_with(std::span<const std::byte> content, std::string_view prefix) {
  return content.size() >= prefix.size() &&
         std::memcmp(content.data(), prefix.data(), prefix.size()) == 0;
}

std::string_view mistaken_download(std::span<const std::byte> content) {
  if (begins_with(content, "version https://git-lfs")) {
    return "is a git-lfs pointer, not the file itself: run `git lfs pull` where it was cloned";
  }
  const auto text = std::find_if(content.begin(), content.end(), [](std::byte value) {
    return value != std::byte{' '} && value != std::byte{'\r'} && value != std::byte{'\n'};
  });
  const auto page = content.subspan(static_cast<std::size_t>(text - content.begin()));
  for (const char* opening : {"<!DOCTYPE", "<!doctype", "<html", "<HTML", "<?xml"}) {
    if (begins_with(page, opening)) {
      return "is a web page, not a model: the download gave an error page; download it again";
    }
  }
  return {};
}

}  // namespace tensor
