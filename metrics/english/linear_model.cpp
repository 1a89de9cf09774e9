#include "metrics/english/linear_model.h"

#include <utility>

#include "base/error.h"
#include "metrics/english/model_file.h"

namespace metrics::english {
namespace {

using base::FormatError;
using base::str;

constexpr std::size_t kMaxClasses = 1000;

}  // namespace

LinearModel::LinearModel(std::vector<std::string> classes, std::vector<std::int8_t> weights)
    : classes_(std::move(classes)) {
  const auto kept = std::make_shared<const std::vector<std::int8_t>>(std::move(weights));
  weights_ = *kept;
  owner_ = kept;
}

LinearModel LinearModel::load(const std::filesystem::path& path, std::string_view mark) {
  const ModelFile model = read_model_file(path, mark);
  try {
    ContentReader content(model.content);
    std::vector<std::string> classes = content.names(content.number());
    const std::string_view weights = content.rest();
    if (classes.empty() || classes.size() > kMaxClasses) {
      throw FormatError(str("has ", classes.size(), " classes, expected 1 to ", kMaxClasses));
    }
    const auto least = static_cast<std::size_t>(padded(static_cast<int>(classes.size()))) + 1;
    if (weights.size() < least || weights.size() - least >= UINT32_MAX) {
      throw FormatError(str("has ", weights.size(), " weights for ", classes.size(),
                            " classes, expected ", least, " to 2^32"));
    }
    return {std::move(classes),
            {reinterpret_cast<const std::int8_t*>(weights.data()), weights.size()},
            model.file};
  } catch (const FormatError& error) {
    throw FormatError(str(path.string(), ": ", error.what()));
  }
}

void LinearModel::save(const std::filesystem::path& path, std::string_view mark) const {
  std::string names;
  for (const std::string& name : classes_) names += name + '\n';
  std::string content;
  append_number(content, names.size());
  content += names;
  content.append(reinterpret_cast<const char*>(weights_.data()), weights_.size());
  write_model_file(path, mark, content);
}

}  // namespace metrics::english
