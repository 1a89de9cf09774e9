#include "autograd/var.h"

#include "tensor/copy.h"         // cast_forward
#include "tensor/elementwise.h"  // add_forward

namespace autograd {

using tensor::Gradient;
using tensor::Shape;
using tensor::Tensor;

GradientSlot::GradientSlot(const Tensor& value)
    : sum_(std::make_shared<Sum>(Sum{{}, value.elements(), value.device()})),
      count_(value.elements()) {}

GradientSlot GradientSlot::part(int64_t begin, int64_t count) const {
  GradientSlot result = *this;
  result.begin_ += begin;
  result.count_ = count;
  return result;
}

Gradient GradientSlot::next(const Shape& shape) const {
  if (!wanted()) return {};
  Tensor& flat = sum_->flat;
  const bool first = !flat.defined();
  // A part alone leaves the rest to others, who may never come: the rest is 0.
  if (first && whole()) flat = Tensor::empty({sum_->elements}, tensor::DType::f32, sum_->device);
  if (first && !whole()) flat = Tensor::zeros({sum_->elements}, tensor::DType::f32, sum_->device);
  return {.sum = sum(shape), .add = !first || !whole()};
}

void GradientSlot::add(const Tensor& gradient) const {
  Gradient target = next(gradient.shape());
  if (!target.wanted()) return;
  if (target.add) {
    tensor::add_forward(target.sum, target.sum, gradient);
  } else {
    tensor::cast_forward(target.sum, gradient);
  }
}

void GradientSlot::hand_over(Tensor gradient) const {
  if (!wanted() || sum_->flat.defined() || !whole()) return add(gradient);
  sum_->flat = gradient.reshape({gradient.elements()});
}

Tensor GradientSlot::sum(const Shape& shape) const {
  if (!wanted() || !sum_->flat.defined()) return {};
  return sum_->flat.slice(begin_, begin_ + count_).reshape(shape);
}

void GradientSlot::clear() const {
  if (wanted()) sum_->flat = Tensor();
}

Var Var::slice(int64_t begin, int64_t end) const {
  Var result(value.slice(begin, end));
  if (!wanted()) return result;
  const int64_t row = value.dim(0) > 0 ? value.elements() / value.dim(0) : 0;
  result.gradient = gradient.part(begin * row, (end - begin) * row);
  return result;
}

void Parameter::assign(Tensor value) {
  const bool trained = requires_grad();
  value_ = std::move(value);
  weight_.reset();
  gradient_ = GradientSlot();
  set_requires_grad(trained);
}

void Parameter::set_requires_grad(bool on) {
  if (on == requires_grad()) return;
  if (!on) {
    gradient_ = GradientSlot();
    return;
  }
  if (!defined()) throw base::UsageError("a parameter that was never filled cannot be trained");
  Tensor own = value_.empty_like(value_.shape(), tensor::DType::f32);
  tensor::cast_forward(own, value_);
  value_.release_pages();
  value_ = own;
  weight_.reset();
  gradient_ = GradientSlot(value_);
}

void Parameter::clear_grad() const {
  gradient_.clear();
}

const std::shared_ptr<const tensor::MatmulWeight>& Parameter::weight() const {
  if (!weight_) weight_ = std::make_shared<const tensor::MatmulWeight>(value_);
  return weight_;
}

}  // namespace autograd
