#include "metrics/english/model_file.h"

#include <ostream>
#include <utility>
#include <vector>

#include "base/error.h"
#include "metrics/english/perceptron.h"

namespace metrics::english {
namespace {

using base::FormatError;
using base::str;

constexpr std::size_t kNumber = 8;  // bytes
constexpr std::size_t kHead = 3 * kNumber;

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kNumber; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = bytes.size();
  std::size_t at = 0;
  for (; at + kNumber <= bytes.size(); at += kNumber) sum = mix(sum, number_at(bytes, at));
  for (; at < bytes.size(); ++at) sum = mix(sum, static_cast<unsigned char>(bytes[at]));
  return sum;
}

std::string_view checked_content(std::string_view file, std::string_view mark) {
  if (file.size() < kHead || !file.starts_with(mark)) {
    throw FormatError(str("does not begin with \"", mark, "\": not a model of this kind"));
  }
  const std::string_view content = file.substr(kHead);
  const std::uint64_t size = number_at(file, 2 * kNumber);
  if (size != content.size()) {
    throw FormatError(str("says it has ", size, " bytes of content, but ", content.size(),
                          " bytes follow (truncated?)"));
  }
  if (number_at(file, kNumber) != checksum(content)) {
    throw FormatError("is damaged: its checksum does not fit");
  }
  return content;
}

}  // namespace

ModelFile read_model_file(const std::filesystem::path& path, std::string_view mark) {
  auto file = base::MappedFile::open(path);
  const auto bytes = file->bytes();
  try {
    const std::string_view content =
        checked_content({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, mark);
    return {std::move(file), content};
  } catch (const FormatError& error) {
    throw FormatError(str(path.string(), ": ", error.what()));
  }
}

void write_model_file(const std::filesystem::path& path, std::string_view mark,
                      std::string_view content) {
  base::replace_file(path, [&](std::ostream& out) {
    std::string head(mark);
    append_number(head, checksum(content));
    append_number(head, content.size());
    out << head << content;
  });
}

void append_number(std::string& content, std::uint64_t value) {
  for (std::size_t i = 0; i < kNumber; ++i) content += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t ContentReader::number() {
  return number_at(bytes(kNumber), 0);
}

std::string_view ContentReader::bytes(std::uint64_t count) {
  if (count > rest_.size()) {
    throw FormatError(str("ends ", count - rest_.size(), " bytes too early"));
  }
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::vector<std::string> ContentReader::names(std::uint64_t byte_count) {
  std::vector<std::string> names;
  std::string_view left = bytes(byte_count);
  while (!left.empty()) {
    const std::size_t end = left.find('\n');
    if (end == std::string_view::npos) throw FormatError("has a last name without an end");
    names.emplace_back(left.substr(0, end));
    left.remove_prefix(end + 1);
  }
  return names;
}

}  // namespace metrics::english
