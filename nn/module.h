// Modules own parameters and other modules, and can be visited. The joined names that a visit meets
// ("vision_model.encoder.layers.0.self_attn.qkv.weight") are the keys of a checkpoint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tensor/matmul.h"
#include "tensor/tensor.h"

namespace nn {

class Visitor;

/// Something with parameters.
class Module {
 public:
  virtual ~Module() = default;
  /// Shows every parameter and child to the visitor, each under its own name.
  virtual void visit(Visitor& visitor) = 0;
};

/// Walks modules and keeps the path. A subclass says what happens at a parameter.
class Visitor {
 public:
  virtual ~Visitor() = default;

  /// A child module, or a list of them (its elements are named 0, 1, ...).
  void operator()(std::string_view name, Module& child);
  template <class T>
  void operator()(std::string_view name, std::vector<T>& children) {
    const Scope scope(*this, name);
    for (std::size_t i = 0; i < children.size(); ++i) (*this)(std::to_string(i), children[i]);
  }

  /// A parameter: a plain one, or one that matmul reads. Its shape is what the model expects and is
  /// set before any data is.
  void operator()(std::string_view name, tensor::Tensor& value, const tensor::Shape& shape);
  void operator()(std::string_view name, tensor::MatmulWeight& value, const tensor::Shape& shape);

 protected:
  virtual void parameter(const std::string& path, tensor::Tensor& value,
                         const tensor::Shape& shape) = 0;
  virtual void parameter(const std::string& path, tensor::MatmulWeight& value,
                         const tensor::Shape& shape) = 0;

 private:
  /// Appends a name to the path for as long as it lives.
  class Scope {
   public:
    Scope(Visitor& visitor, std::string_view name);
    ~Scope() { visitor_.path_.resize(length_); }

   private:
    Visitor& visitor_;
    std::size_t length_;
  };

  std::string path_;
};

}  // namespace nn
