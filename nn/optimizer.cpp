#include "nn/optimizer.h"

#include <cmath>

#include "base/error.h"
#include "tensor/copy.h"    // cast_forward
#include "tensor/reduce.h"  // sum_of_squares

namespace nn {

using base::str;
using tensor::Tensor;

Adamw::Adamw(std::vector<std::pair<std::string, Parameter*>> parameters,
             const AdamwOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
  for (const auto& [name, parameter] : parameters_) {
    if (!parameter->requires_grad()) {
      throw base::UsageError(str("AdamW: ", name, " does not want a gradient"));
    }
    const Tensor& value = parameter->value();
    const bool decays = options_.decay_vectors || value.rank() > 1;
    const auto zeros = [&] { return Tensor::zeros(value.shape(), value.dtype(), value.device()); };
    tensors_.push_back({.value = value,
                        .gradient = {},
                        .first = zeros(),
                        .second = zeros(),
                        .weight_decay = decays ? options_.weight_decay : 0});
  }
}

double Adamw::gradient_norm() const {
  double sum = 0;
  for (const auto& [name, parameter] : parameters_) {
    if (const Tensor gradient = parameter->grad(); gradient.defined()) {
      sum += tensor::sum_of_squares(gradient);
    }
  }
  return std::sqrt(sum);
}

double Adamw::step(float learning_rate, double max_norm) {
  const double norm = gradient_norm();
  if (std::isfinite(norm)) {
    ++steps_;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      tensors_[i].gradient = parameters_[i].second->grad();
    }
    tensor::adamw_step(
        tensors_, {.learning_rate = learning_rate,
                   .beta1 = options_.beta1,
                   .beta2 = options_.beta2,
                   .epsilon = options_.epsilon,
                   .step = steps_,
                   .gradient_scale = norm > max_norm ? static_cast<float>(max_norm / norm) : 1});
  }
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    tensors_[i].gradient = Tensor();
    parameters_[i].second->clear_grad();
  }
  return norm;
}

tensor::TensorMap Adamw::state() const {
  tensor::TensorMap state;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    state["first." + parameters_[i].first] = tensors_[i].first;
    state["second." + parameters_[i].first] = tensors_[i].second;
  }
  return state;
}

void Adamw::restore(const tensor::TensorMap& state, int64_t steps) {
  tensor::TensorMap own = this->state();
  for (const auto& [name, value] : state) {
    const auto mine = own.find(name);
    if (mine == own.end()) {
      throw base::FormatError(str("AdamW: the state's ", name, " belongs to no parameter"));
    }
    if (mine->second.shape() != value.shape()) {
      throw base::FormatError(str("AdamW: the state's ", name, " is ", value.shape().str(),
                                  ", expected ", mine->second.shape().str()));
    }
  }
  for (auto& [name, value] : own) {
    const auto found = state.find(name);
    if (found == state.end()) throw base::FormatError(str("AdamW: the state has no ", name));
    tensor::cast_forward(value, found->second);
  }
  steps_ = steps;
}

}  // namespace nn
