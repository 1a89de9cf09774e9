#include "autograd/tape.h"

#include <algorithm>

#include "tensor/backend.h"

namespace autograd {

using base::str;
using base::UsageError;
using tensor::Tensor;

namespace {
thread_local Tape* recording = nullptr;
}

Tape::Tape() {
  if (recording) throw UsageError("Tape: another tape records on this thread already");
  recording = this;
}

Tape::~Tape() {
  if (recording == this) recording = nullptr;
}

Tape* Tape::active() {
  return recording;
}

void Tape::backward(const Var& loss) {
  if (walked_) {
    throw UsageError(
        "backward: this tape was walked before, and its steps are gone; make a new "
        "tape and compute the loss again");
  }
  if (loss.value.elements() != 1) {
    throw UsageError(str("backward: the loss is ", loss.shape().str(), ", expected one number"));
  }
  const bool recorded = std::any_of(steps_.begin(), steps_.end(), [&](const Step& step) {
    return loss.wanted() && step.slot.same(loss.gradient);
  });
  if (!recorded) {
    throw UsageError(
        "backward: the loss was not recorded on this tape; nothing that it depends on "
        "wants a gradient, or it was computed before or without the tape");
  }
  walked_ = true;
  const NoTape pause;
  loss.gradient.add(Tensor::from<float>(loss.shape(), {1.0f}));
  while (!steps_.empty()) {
    const Step step = std::move(steps_.back());
    steps_.pop_back();
    // What the loss does not depend on has no gradient.
    if (const Tensor dy = step.slot.sum(step.shape); dy.defined()) step.backward(dy);
  }
}

NoTape::NoTape() : paused_(recording) {
  recording = nullptr;
}

NoTape::~NoTape() {
  recording = paused_;
}

const Tensor& Saved::read() const {
  if (value_.version() != version_) {
    throw UsageError(str("backward: ", op_, " needs a value ", value_.shape().str(),
                         " that was changed after it was recorded"));
  }
  return value_;
}

void no_backward(const char* op, const Tensor& value) {
  throw base::DeviceError(
      str(op, ": ", tensor::backend(value).name, " has no kernel for its gradient"));
}

Var record(const char* op, Tensor result, std::function<void(const Tensor&)> backward) {
  if (recording->walked_) {
    throw UsageError(str(op, ": the tape that records was walked already; make a new one"));
  }
  const GradientSlot slot(result);
  recording->steps_.push_back({slot, result.shape(), std::move(backward)});
  return {std::move(result), slot};
}

}  // namespace autograd
