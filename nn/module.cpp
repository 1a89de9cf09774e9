#include "nn/module.h"

namespace nn {

Visitor::Scope::Scope(Visitor& visitor, std::string_view name)
    : visitor_(visitor), length_(visitor.path_.size()) {
  if (length_ > 0) visitor_.path_ += '.';
  visitor_.path_ += name;
}

void Visitor::operator()(std::string_view name, Module& child) {
  const Scope scope(*this, name);
  child.visit(*this);
}

void Visitor::operator()(std::string_view name, tensor::Tensor& value, const tensor::Shape& shape) {
  const Scope scope(*this, name);
  parameter(path_, value, shape);
}

void Visitor::operator()(std::string_view name, tensor::MatmulWeight& value,
                         const tensor::Shape& shape) {
  const Scope scope(*this, name);
  parameter(path_, value, shape);
}

}  // namespace nn
