#include "metrics/english/linear_model.h"

#include <ostream>
#include <utility>

#include "base/error.h"
#include "base/file.h"

namespace metrics::english {
namespace {

using base::FormatError;
using base::str;

constexpr std::size_t kNumber = 8;  // bytes
constexpr std::size_t kSummed = 2 * kNumber;
constexpr std::size_t kHeader = 4 * kNumber;
constexpr std::size_t kMostClasses = 1000;

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kNumber; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}

void append(std::string& bytes, std::uint64_t value) {
  for (std::size_t i = 0; i < kNumber; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = bytes.size();
  std::size_t at = 0;
  for (; at + kNumber <= bytes.size(); at += kNumber) sum = mix(sum, number_at(bytes, at));
  for (; at < bytes.size(); ++at) sum = mix(sum, static_cast<unsigned char>(bytes[at]));
  return sum;
}

/// The checked content of a file.
struct Content {
  std::vector<std::string> classes;
  std::string_view weights;
};

Content read(std::string_view file, std::string_view mark) {
  if (file.size() < kHeader || !file.starts_with(mark)) {
    throw FormatError(str("does not begin with \"", mark, "\": not a model of this kind"));
  }
  const std::uint64_t name_bytes = number_at(file, 2 * kNumber);
  const std::uint64_t weights = number_at(file, 3 * kNumber);
  const std::uint64_t room = file.size() - kHeader;
  if (name_bytes > room || weights != room - name_bytes) {
    throw FormatError(str("says it has ", name_bytes, " bytes of names and ", weights,
                          " weights, but ", room, " bytes follow (truncated?)"));
  }
  if (number_at(file, kNumber) != checksum(file.substr(kSummed))) {
    throw FormatError("is damaged: its checksum does not fit");
  }
  Content content;
  std::string_view names = file.substr(kHeader, name_bytes);
  while (!names.empty()) {
    const std::size_t end = names.find('\n');
    if (end == std::string_view::npos) throw FormatError("has a last name without an end");
    content.classes.emplace_back(names.substr(0, end));
    names.remove_prefix(end + 1);
  }
  content.weights = file.substr(kHeader + name_bytes);
  if (content.classes.empty() || content.classes.size() > kMostClasses) {
    throw FormatError(
        str("has ", content.classes.size(), " classes, expected 1 to ", kMostClasses));
  }
  const auto least = static_cast<std::size_t>(padded(static_cast<int>(content.classes.size()))) + 1;
  if (weights < least || weights - least >= UINT32_MAX) {
    throw FormatError(str("has ", weights, " weights for ", content.classes.size(),
                          " classes, expected ", least, " to 2^32"));
  }
  return content;
}

}  // namespace

LinearModel::LinearModel(std::vector<std::string> classes, std::vector<std::int8_t> weights)
    : classes_(std::move(classes)) {
  const auto kept = std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
  weights_ = *kept;
  owner_ = kept;
}

LinearModel LinearModel::load(const std::filesystem::path& path, std::string_view mark) {
  const auto file = base::MappedFile::open(path);
  try {
    auto [classes, weights] =
        read({reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size()}, mark);
    return {std::move(classes),
            {reinterpret_cast<const std::int8_t*>(weights.data()), weights.size()},
            file};
  } catch (const FormatError& error) {
    throw FormatError(str(path.string(), ": ", error.what()));
  }
}

void LinearModel::save(const std::filesystem::path& path, std::string_view mark) const {
  std::string names;
  for (const std::string& name : classes_) names += name + '\n';
  std::string summed;
  append(summed, names.size());
  append(summed, weights_.size());
  summed += names;
  summed.append(reinterpret_cast<const char*>(weights_.data()), weights_.size());
  std::string file(mark);
  append(file, checksum(summed));
  base::replace_file(path, file + summed);
}

}  // namespace metrics::english
