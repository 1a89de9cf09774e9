// The tape: reverse-mode differentiation. While a Tape lives, every function of this floor whose
// result depends on something that wants a gradient leaves a step on it: a closure that turns the
// gradient of the result into the gradients of the inputs. `backward` runs the steps from the last
// to the first (the chain rule; Linnainmaa, 1970) and frees each as it is consumed.
//
//   autograd::Tape tape;
//   const Var loss = model.loss(batch);
//   tape.backward(loss);          // parameters now have gradients
//
// No tape, nothing recorded: inference is training without a tape.
#pragma once

#include <functional>
#include <vector>

#include "autograd/var.h"

namespace autograd {

/// Records on the thread that made it, for as long as it lives. One at a time on a thread.
class Tape {
 public:
  Tape();
  ~Tape();
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  /// Adds the gradient of `loss` (a single number, recorded on this tape) to the slots of all that
  /// it depends on. A tape is walked once: its steps are gone afterwards. UsageError says what is
  /// wrong with a loss or a tape; also if a value that a step reads was changed since.
  void backward(const Var& loss);

  int64_t steps() const { return static_cast<int64_t>(steps_.size()); }
  /// The one that records on this thread, or null.
  static Tape* active();

 private:
  friend class NoTape;
  friend Var record(const char*, tensor::Tensor, std::function<void(const tensor::Tensor&)>);

  struct Step {
    GradientSlot slot;    // of the result, which itself is not kept
    tensor::Shape shape;  // the result's
    std::function<void(const tensor::Tensor& dy)> backward;
  };
  std::vector<Step> steps_;
  bool walked_ = false;
};

/// Nothing is recorded on this thread while one lives.
class NoTape {
 public:
  NoTape();
  ~NoTape();
  NoTape(const NoTape&) = delete;
  NoTape& operator=(const NoTape&) = delete;

 private:
  Tape* paused_;
};

/// A value that a step will read on the way back.
class Saved {
 public:
  Saved(const char* op, tensor::Tensor value)
      : op_(op), value_(std::move(value)), version_(value_.version()) {}
  /// UsageError if somebody asked for writable elements since.
  const tensor::Tensor& read() const;

 private:
  const char* op_;
  tensor::Tensor value_;
  uint64_t version_;
};

/// DeviceError: `op` cannot be recorded, because the device of `value` has no way back for it.
[[noreturn]] void no_backward(const char* op, const tensor::Tensor& value);

/// Whether `op` must leave a step: a tape records and one of the inputs wants a gradient. Asked
/// before anything is computed, so that a gradient is never lost in silence: `backward`, a kernel
/// in the table of value's device, must be there then.
template <class Kernel, class... Inputs>
bool records(const char* op, const tensor::Tensor& value, Kernel backward,
             const Inputs&... inputs) {
  if (!Tape::active() || !(inputs.wanted() || ...)) return false;
  if (!backward) no_backward(op, value);
  return true;
}

/// The result of `op`, with the step that leads back from it.
Var record(const char* op, tensor::Tensor result,
           std::function<void(const tensor::Tensor& dy)> backward);

}  // namespace autograd
