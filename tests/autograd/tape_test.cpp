#include "autograd/tape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "autograd/attention.h"
#include "autograd/elementwise.h"
#include "autograd/matmul.h"
#include "autograd/norm.h"
#include "tests/errors.h"
#include "tests/reference/twins.h"

namespace {

using autograd::NoTape;
using autograd::Parameter;
using autograd::Tape;
using autograd::Var;
using tensor::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;

Var numbers(std::vector<float> values) {
  return Var::leaf(Tensor::from({static_cast<int64_t>(values.size())}, values));
}

/// w . x as a graph: a linear layer of one output.
Var dot(const Var& x, const Parameter& w) {
  return autograd::linear(x.reshape({1, x.value.elements()}), w, {}).reshape({});
}

Parameter weights(std::vector<float> values, bool trained) {
  Parameter w;
  w.assign(Tensor::from({1, static_cast<int64_t>(values.size())}, values));
  w.set_requires_grad(trained);
  return w;
}

TEST(Tape, WalksBackThroughTheGraph) {
  const Var x = numbers({1, 2});
  const Parameter w = weights({3, 4}, true);
  Tape tape;
  tape.backward(dot(x, w));
  EXPECT_THAT(x.grad().span<float>(), ElementsAre(3, 4));
  EXPECT_THAT(w.grad().span<float>(), ElementsAre(1, 2));
  EXPECT_EQ(tape.steps(), 0) << "steps are freed as they are consumed";
}

TEST(Tape, AddsWhatComesBySeveralWays) {
  const Var x = numbers({1, 2});
  const Parameter w = weights({3, 4}, false);
  Tape tape;
  const Var twice = autograd::add(x, x);
  tape.backward(dot(autograd::add(twice, x), w));
  EXPECT_THAT(x.grad().span<float>(), ElementsAre(9, 12));
}

TEST(Tape, GradientsGatherOverSeveralTapesUntilCleared) {
  const Parameter w = weights({3, 4}, true);
  for (int i = 0; i < 2; ++i) {
    Tape tape;
    tape.backward(dot(numbers({1, 2}), w));
  }
  EXPECT_THAT(w.grad().span<float>(), ElementsAre(2, 4));
  w.clear_grad();
  EXPECT_FALSE(w.grad().defined());
}

TEST(Tape, ViewsShareTheGradientOfTheWhole) {
  const Var x = Var::leaf(Tensor::from({2, 2}, std::vector<float>{1, 2, 3, 4}));
  const Parameter w = weights({5, 6}, false);
  Tape tape;
  const int64_t before = tape.steps();
  const Var row = x.reshape({4}).reshape({2, 2}).slice(1, 2);
  EXPECT_EQ(tape.steps(), before) << "views need no step";
  tape.backward(dot(row, w));
  EXPECT_THAT(x.grad().span<float>(), ElementsAre(0, 0, 5, 6));
  EXPECT_THAT(row.grad().span<float>(), ElementsAre(5, 6));
}

TEST(Tape, RecordsOnlyWhereSomethingWantsAGradient) {
  const Parameter frozen = weights({3, 4}, false);
  Tape tape;
  const Var constant(Tensor::from({2}, std::vector<float>{1, 2}));
  const Var y = dot(autograd::add(constant, constant), frozen);
  EXPECT_EQ(tape.steps(), 0);
  EXPECT_FALSE(y.wanted());
  {
    const NoTape pause;
    EXPECT_EQ(Tape::active(), nullptr);
    EXPECT_FALSE(dot(numbers({1, 2}), frozen).wanted());
    EXPECT_EQ(tape.steps(), 0);
  }
  EXPECT_EQ(Tape::active(), &tape);
  dot(numbers({1, 2}), frozen);
  EXPECT_EQ(tape.steps(), 1);
}

TEST(Tape, NothingIsRecordedWithoutOneOrOnAnotherThread) {
  EXPECT_EQ(Tape::active(), nullptr);
  const Parameter w = weights({3, 4}, true);
  EXPECT_FALSE(dot(numbers({1, 2}), w).wanted());
  Tape tape;
  std::thread([&] {
    EXPECT_EQ(Tape::active(), nullptr);
    EXPECT_FALSE(dot(numbers({1, 2}), w).wanted());
  }).join();
  EXPECT_EQ(tape.steps(), 0);
}

TEST(Tape, BranchesThatTheLossDoesNotDependOnGetNothing) {
  const Var x = numbers({1, 2}), aside = numbers({5, 6});
  const Parameter w = weights({3, 4}, false);
  Tape tape;
  dot(aside, w);
  tape.backward(dot(x, w));
  EXPECT_FALSE(aside.grad().defined());
  EXPECT_THAT(x.grad().span<float>(), ElementsAre(3, 4));
}

TEST(Tape, SaysWhatIsWrongWithALoss) {
  const Parameter w = weights({3, 4}, true);
  Tape tape;
  const Var x = numbers({1, 2});
  EXPECT_EQ(error_of([&] { tape.backward(autograd::add(x, x)); }),
            "backward: the loss is [2], expected one number");
  EXPECT_THAT(error_of([&] { tape.backward(Var(Tensor::zeros({}))); }),
              HasSubstr("the loss was not recorded on this tape"));
  EXPECT_THAT(error_of([] { Tape second; }), HasSubstr("another tape records"));
}

TEST(Tape, AGraphIsUsedOnce) {
  const Var x = numbers({1, 2});
  const Parameter w = weights({3, 4}, true);
  Var loss;
  {
    Tape tape;
    loss = dot(x, w);
    tape.backward(loss);
    EXPECT_THAT(error_of([&] { tape.backward(loss); }),
                HasSubstr("this tape was walked before, and its steps are gone"));
    EXPECT_THAT(error_of([&] { dot(x, w); }),
                HasSubstr("linear: the tape that records was walked"));
  }
  Tape other;
  dot(x, w);
  EXPECT_THAT(error_of([&] { other.backward(loss); }),
              HasSubstr("the loss was not recorded on this tape"));
}

TEST(Tape, AValueMustNotChangeBetweenForwardAndBackward) {
  Var x = numbers({1, 2});
  const Parameter w = weights({3, 4}, true);
  Tape tape;
  const Var loss = dot(x, w);
  x.value.data<float>()[0] = 7;
  EXPECT_EQ(error_of([&] { tape.backward(loss); }),
            "backward: linear needs a value [1, 2] that was changed after it was recorded");
}

TEST(Tape, AWeightMustNotChangeEither) {
  const Parameter w = weights({3, 4}, false);
  Tape tape;
  const Var loss = dot(numbers({1, 2}), w);
  Tensor alias = w.value();
  alias.data<float>()[0] = 7;
  EXPECT_THAT(error_of([&] { tape.backward(loss); }), HasSubstr("linear needs a value [1, 2]"));
}

TEST(Tape, AMissingBackwardIsAnErrorBeforeRecording) {
  const Var x = numbers({1});
  void (*const missing)() = nullptr;
  EXPECT_FALSE(autograd::records("double_it", x.value, missing, x)) << "no tape, no need";
  Tape tape;
  const Var constant(x.value);
  EXPECT_FALSE(autograd::records("double_it", x.value, missing, constant));
  EXPECT_THAT(error_of([&] { autograd::records("double_it", x.value, missing, x); }),
              HasSubstr("double_it: "));
  EXPECT_EQ(tape.steps(), 0);
}

TEST(Tape, NothingIsRecordedThroughATableOfKeys) {
  const Tape tape;
  const Var q = Var::leaf(reference::random({1, 1, 4}, 1)), k(reference::random({3, 4}, 2));
  const tensor::AttentionShape shape{.sequences = 1,
                                     .queries = 1,
                                     .keys = 1,
                                     .heads = 1,
                                     .head_dim = 4,
                                     .key_table = Tensor::zeros({1, 1}, tensor::DType::i32)};
  EXPECT_THROW(autograd::attention({q}, {k}, {k}, shape), base::UsageError);
  EXPECT_EQ(tape.steps(), 0);
  const Var constant(q.value);
  EXPECT_EQ(autograd::attention({constant}, {k}, {k}, shape).dim(2), 4);
}

TEST(Tape, FreesWhatAStepKeptAsItGoes) {
  const Parameter first = weights({1, 2}, true), second = weights({3}, true);
  const Var x = numbers({1, 2});
  std::weak_ptr<const tensor::MatmulWeight> kept;
  Tape tape;
  const Var loss = [&] {
    Parameter inner = weights({3, 4}, true);
    kept = inner.weight();
    return dot(x, inner);
  }();
  EXPECT_FALSE(kept.expired()) << "the step reads it on the way back";
  tape.backward(loss);
  EXPECT_TRUE(kept.expired());
}

TEST(Parameter, GetsAnF32CopyOfItsOwnToTrain) {
  const Tensor half = Tensor::from({1, 2}, std::vector{tensor::to_half(1.5f), tensor::to_half(-2)});
  Parameter w;
  w.assign(half);
  EXPECT_FALSE(w.requires_grad());
  EXPECT_EQ(w.value().dtype(), tensor::DType::f16);
  w.set_requires_grad(true);
  EXPECT_THAT(w.value().span<float>(), ElementsAre(1.5f, -2));
  EXPECT_NE(w.value().raw(), half.raw());

  const Tensor single = Tensor::from({1, 2}, std::vector<float>{1, 2});
  w.assign(single);
  EXPECT_TRUE(w.requires_grad());
  EXPECT_NE(w.value().raw(), single.raw()) << "what it was filled from must not change";
  w.set_requires_grad(false);
  EXPECT_FALSE(w.var().wanted());

  Parameter empty;
  EXPECT_THROW(empty.set_requires_grad(true), base::UsageError);
}

TEST(Parameter, AWeightThatWasWrittenToIsPackedAgain) {
  Parameter w = weights({3, 4}, true);
  const Var x(Tensor::from({2}, std::vector<float>{1, 2}));
  EXPECT_THAT(dot(x, w).value.span<float>(), ElementsAre(11));
  Tensor value = w.value();
  value.data<float>()[1] = 5;
  EXPECT_THAT(dot(x, w).value.span<float>(), ElementsAre(13));
}

TEST(Var, ATensorBecomesOneExplicitly) {
  static_assert(!std::is_convertible_v<Tensor, Var>);
  static_assert(!std::is_copy_constructible_v<Parameter>);
  EXPECT_FALSE(Var(Tensor::zeros({2})).wanted());
}

}  // namespace
