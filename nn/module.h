// Modules own parameters and other modules, and can be visited. The joined names that a visit meets
// ("vision_model.encoder.layers.0.self_attn.qkv.weight") are the keys of a checkpoint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autograd/var.h"

namespace nn {

using autograd::Parameter;
using autograd::Var;

class Visitor;

/// Something with parameters. Move-only, as its parameters are.
class Module {
 public:
  Module() = default;
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;
  virtual ~Module() = default;
  /// Shows every parameter and child to the visitor, each under its own name. A parameter that
  /// serves in two places (tied weights) is shown in one.
  virtual void visit(Visitor& visitor) = 0;

  /// The joined names from the model down to this module, once `name_paths` has been there.
  const std::string& path() const { return path_; }

 private:
  friend void name_paths(Module& model);
  std::string path_;
};

/// Walks modules and keeps the path. A subclass says what happens at a module and at a parameter.
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

  /// A parameter. Its shape is what the model expects and is known before any data is there.
  void operator()(std::string_view name, Parameter& value, const tensor::Shape& shape);

 protected:
  /// Called before the module's own parameters and children are.
  virtual void module(const std::string& path, Module& module);
  virtual void parameter(const std::string& path, Parameter& value, const tensor::Shape& shape);

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

/// Tells every module inside `model` its path.
void name_paths(Module& model);

/// Calls f(path, parameter, shape) for each parameter, in the order of the visit.
template <class F>
void for_each_parameter(Module& model, const F& f) {
  struct Each : Visitor {
    explicit Each(const F& function) : f(function) {}
    void parameter(const std::string& path, Parameter& value, const tensor::Shape& shape) override {
      f(path, value, shape);
    }
    const F& f;
  };
  Each each(f);
  model.visit(each);
}

}  // namespace nn
