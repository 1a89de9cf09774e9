#include "tensor/cpu/isa.h"
#include "tensor/cpu/isa/math.h"

namespace tensor::cpu::BLIP_ISA {
namespace {

float largest_of(const float* x, int64_t channels) {
  const int64_t whole = channels / kLanes * kLanes, rest = channels - whole;
  Floats largest = broadcast(x[0]);
  for (int64_t c = 0; c < whole; c += kLanes) largest = max(load(x + c), largest);
  if (rest) largest = max(load_part(x + whole, rest, x[0]), largest);
  return max_of(largest);
}

/// The sum of exp(x - largest) in two chains. The exponentials go to `y`
/// unless it is null.
Floats exp_sum_of_block(float* y, const float* x, float largest, int64_t channels) {
  const int64_t whole = channels / kLanes * kLanes, rest = channels - whole;
  Floats even{}, odd{};
  int64_t c = 0;
  for (; c + 2 * kLanes <= whole; c += 2 * kLanes) {
    const Floats first = exp(load(x + c) - largest), second = exp(load(x + c + kLanes) - largest);
    even += first;
    odd += second;
    if (y) {
      store(y + c, first);
      store(y + c + kLanes, second);
    }
  }
  for (; c < whole; c += kLanes) {
    const Floats value = exp(load(x + c) - largest);
    even += value;
    if (y) store(y + c, value);
  }
  if (rest) {
    const Floats value = exp(load_part(x + whole, rest, -__builtin_inff()) - largest);
    odd += value;
    if (y) store_part(y + whole, value, rest);
  }
  return even + odd;
}

/// Blocks are summed by themselves first: a vocabulary has tens of thousands of terms, and one long
/// chain would lose several bits.
float exp_sum(float* y, const float* x, float largest, int64_t channels) {
  constexpr int64_t kBlock = 32 * kLanes;
  Floats total{};
  for (int64_t c = 0; c < channels; c += kBlock) {
    const int64_t count = channels - c < kBlock ? channels - c : kBlock;
    total += exp_sum_of_block(y ? y + c : nullptr, x + c, largest, count);
  }
  return sum(total);
}

void softmax_row(float* y, const float* x, int64_t channels) {
  const float factor = 1 / exp_sum(y, x, largest_of(x, channels), channels);
  const int64_t whole = channels / kLanes * kLanes;
  for (int64_t c = 0; c < whole; c += kLanes) store(y + c, load(y + c) * factor);
  for (int64_t c = whole; c < channels; ++c) y[c] *= factor;
}

float log_sum_exp_row(float* largest, const float* x, int64_t channels) {
  *largest = largest_of(x, channels);
  return __builtin_logf(exp_sum(nullptr, x, *largest, channels));
}

void log_softmax_row(float* y, const float* x, int64_t channels) {
  float largest;
  const float log_sum = log_sum_exp_row(&largest, x, channels);
  const int64_t whole = channels / kLanes * kLanes;
  for (int64_t c = 0; c < whole; c += kLanes) store(y + c, load(x + c) - largest - log_sum);
  for (int64_t c = whole; c < channels; ++c) y[c] = x[c] - largest - log_sum;
}

/// The sum of term(c, count) over the registers of a row, in blocks as above: `c` is a register's
/// first channel, `count` how many it has; lanes beyond must be zero.
template <class Term>
float sum_of_terms(int64_t channels, Term term) {
  constexpr int64_t kBlock = 32 * kLanes;
  Floats total{};
  for (int64_t begin = 0; begin < channels; begin += kBlock) {
    const int64_t end = channels - begin < kBlock ? channels : begin + kBlock;
    Floats even{}, odd{};
    int64_t c = begin;
    for (; c + 2 * kLanes <= end; c += 2 * kLanes) {
      even += term(c, kLanes);
      odd += term(c + kLanes, kLanes);
    }
    for (; c < end; c += kLanes) even += term(c, end - c < kLanes ? end - c : kLanes);
    total += even + odd;
  }
  return sum(total);
}

inline Floats load_up_to(const float* from, int64_t count) {
  return count == kLanes ? load(from) : load_part(from, count);
}

/// dx = f(c, count) for the registers of a row and their first channel, or += where `add`.
template <class F>
void fill_row(float* dx, int64_t channels, bool add, F f) {
  for (int64_t c = 0; c < channels; c += kLanes) {
    const int64_t count = channels - c < kLanes ? channels - c : kLanes;
    Floats value = f(c, count);
    if (add) value += load_up_to(dx + c, count);
    if (count == kLanes) {
      store(dx + c, value);
    } else {
      store_part(dx + c, value, count);
    }
  }
}

void softmax_backward_row(float* dx, const float* dy, const float* y, int64_t channels, bool add) {
  const float product = sum_of_terms(channels, [&](int64_t c, int64_t count) {
    return load_up_to(dy + c, count) * load_up_to(y + c, count);
  });
  fill_row(dx, channels, add, [&](int64_t c, int64_t count) {
    return load_up_to(y + c, count) * (load_up_to(dy + c, count) - product);
  });
}

void log_softmax_backward_row(float* dx, const float* dy, const float* y, int64_t channels,
                              bool add) {
  const float total =
      sum_of_terms(channels, [&](int64_t c, int64_t count) { return load_up_to(dy + c, count); });
  fill_row(dx, channels, add, [&](int64_t c, int64_t count) {
    return load_up_to(dy + c, count) - exp(load_up_to(y + c, count)) * total;
  });
}

void scaled_exp_row(float* dx, const float* x, int64_t channels, float log_sum, float scale,
                    float shift, bool add) {
  fill_row(dx, channels, add, [&](int64_t c, int64_t count) {
    return step(exp(load_up_to(x + c, count) - log_sum), broadcast(scale), shift);
  });
}

}  // namespace

constinit const SoftmaxLoops softmax_loops{.softmax_row = softmax_row,
                                           .log_softmax_row = log_softmax_row,
                                           .log_sum_exp_row = log_sum_exp_row,
                                           .softmax_backward_row = softmax_backward_row,
                                           .log_softmax_backward_row = log_softmax_backward_row,
                                           .scaled_exp_row = scaled_exp_row};

}  // namespace tensor::cpu::BLIP_ISA
