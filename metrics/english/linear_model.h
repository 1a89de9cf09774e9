// A trained linear model: the names of its classes and the table of weights (perceptron.h), which
// is used as it lies in the mapped file.
//
// The content of its file (model_file.h): u64 bytes of names, the names, each with a line feed
// behind it, and the weights, a signed byte each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/english/perceptron.h"

namespace metrics::english {

class LinearModel {
 public:
  /// A model in memory.
  LinearModel(std::vector<std::string> classes, std::vector<std::int8_t> weights);
  /// `mark`: the eight letters with which files of this kind begin. FileError, FormatError.
  static LinearModel load(const std::filesystem::path& path, std::string_view mark);
  void save(const std::filesystem::path& path, std::string_view mark) const;

  const std::vector<std::string>& classes() const { return classes_; }
  std::size_t rows() const { return weights_.size() - padded(static_cast<int>(classes_.size())); }
  const std::int8_t* weights() const { return weights_.data(); }

 private:
  LinearModel(std::vector<std::string> classes, std::span<const std::int8_t> weights,
              std::shared_ptr<const void> owner)
      : classes_(std::move(classes)), weights_(weights), owner_(std::move(owner)) {}

  std::vector<std::string> classes_;
  std::span<const std::int8_t> weights_;
  std::shared_ptr<const void> owner_;  // of the bytes of weights_
};

}  // namespace metrics::english
