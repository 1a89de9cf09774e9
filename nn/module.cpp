#include "nn/module.h"

namespace nn {

Visitor::Scope::Scope(Visitor& visitor, std::string_view name)
    : visitor_(visitor), length_(visitor.path_.size()) {
  if (length_ > 0) visitor_.path_ += '.';
  visitor_.path_ += name;
}

void Visitor::operator()(std::string_view name, Module& child) {
  const Scope scope(*this, name);
  module(path_, child);
  child.visit(*this);
}

void Visitor::operator()(std::string_view name, Parameter& value, const tensor::Shape& shape) {
  const Scope scope(*this, name);
  parameter(path_, value, shape);
}

void Visitor::module(const std::string&, Module&) {}
void Visitor::parameter(const std::string&, Parameter&, const tensor::Shape&) {}

void name_paths(Module& model) {
  struct Namer : Visitor {
    void module(const std::string& path, Module& module) override { module.path_ = path; }
  };
  Namer namer;
  model.visit(namer);
}

}  // namespace nn
