// Var: a value in a computation, and the place where its gradient gathers. Parameter: a value that
// a module owns and training may change.
#pragma once

#include <memory>

#include "tensor/gradient.h"
#include "tensor/matmul.h"
#include "tensor/tensor.h"

namespace autograd {

/// The sum of the gradients that reach a value on the way back: f32, flat, beside the value, so
/// that reshaped and sliced views of the value share it. A handle: copies are the same slot. A
/// default one is no slot: what has none is a constant.
class GradientSlot {
 public:
  GradientSlot() = default;
  /// An empty slot for the gradient of `value`, on its device.
  explicit GradientSlot(const tensor::Tensor& value);

  bool wanted() const { return sum_ != nullptr; }
  /// The slot of elements [begin, begin + count) of the value.
  GradientSlot part(int64_t begin, int64_t count) const;
  /// Whether both are (parts of) one slot.
  bool same(const GradientSlot& other) const { return sum_ == other.sum_; }

  /// Where a backward operation puts a contribution: the first is stored, later ones are added.
  /// Not wanted: a Gradient that is not wanted either.
  tensor::Gradient next(const tensor::Shape& shape) const;
  /// Adds `gradient`, or copies it if it is the first.
  void add(const tensor::Tensor& gradient) const;
  /// The same for a tensor that nobody reads afterwards: the first costs nothing.
  void hand_over(tensor::Tensor gradient) const;

  /// What has gathered, under the value's shape; undefined if nothing has. Shares memory.
  tensor::Tensor sum(const tensor::Shape& shape) const;
  /// Empties the slot.
  void clear() const;

 private:
  struct Sum {
    tensor::Tensor flat;  // undefined: nothing has come yet
    int64_t elements;
    tensor::Device device;
  };
  bool whole() const { return count_ == sum_->elements; }

  std::shared_ptr<Sum> sum_;
  int64_t begin_ = 0, count_ = 0;
};

/// A value and the slot of its gradient. Making one from a tensor is explicit, because it cuts the
/// graph: what follows does not reach back to where the tensor came from.
struct Var {
  tensor::Tensor value;
  GradientSlot gradient;

  Var() = default;
  /// A constant.
  explicit Var(tensor::Tensor tensor) : value(std::move(tensor)) {}
  Var(tensor::Tensor tensor, GradientSlot slot)
      : value(std::move(tensor)), gradient(std::move(slot)) {}
  /// A leaf: the computation's input whose gradient is asked for.
  static Var leaf(const tensor::Tensor& tensor) { return {tensor, GradientSlot(tensor)}; }

  bool defined() const { return value.defined(); }
  bool wanted() const { return gradient.wanted(); }
  const tensor::Shape& shape() const { return value.shape(); }
  int64_t dim(int i) const { return value.dim(i); }
  /// The same elements under another shape; rows [begin, end). Both share the gradient's slot, so
  /// there is nothing to record.
  Var reshape(const tensor::Shape& shape) const { return {value.reshape(shape), gradient}; }
  Var slice(int64_t begin, int64_t end) const;
  /// The gradient that has gathered; undefined if none has.
  tensor::Tensor grad() const { return gradient.sum(value.shape()); }
};

/// A module's value. Move-only: a copy would share its gradient.
class Parameter {
 public:
  Parameter() = default;
  Parameter(Parameter&&) = default;
  Parameter& operator=(Parameter&&) = default;

  bool defined() const { return value_.defined(); }
  /// f32, or as a checkpoint has it (f16, bf16, part of a mapped file).
  const tensor::Tensor& value() const { return value_; }
  /// Replaces the value (its type as given) and forgets panels and gradient.
  void assign(tensor::Tensor value);

  /// Whether training changes it. Switched on, the parameter gets an f32 copy of its own to change;
  /// off, its gradient is dropped.
  bool requires_grad() const { return gradient_.wanted(); }
  void set_requires_grad(bool on);
  /// The gradient that has gathered, of value's shape; undefined if none has.
  tensor::Tensor grad() const { return gradient_.sum(value_.shape()); }
  void clear_grad() const;

  /// As an input of a computation.
  Var var() const { return {value_, gradient_}; }
  /// As a weight [N, ...] that matmul reads: panels are made when it first does, and again when the
  /// value was written to since.
  const std::shared_ptr<const tensor::MatmulWeight>& weight() const;

 private:
  tensor::Tensor value_;
  GradientSlot gradient_;
  mutable std::shared_ptr<const tensor::MatmulWeight> weight_;
};

}  // namespace autograd
