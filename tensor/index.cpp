#include "tensor/index.h"

#include <limits>

namespace tensor {
namespace {

constexpr int64_t kMost = int64_t{std::numeric_limits<int32_t>::max()} + 1;

template <class Integer>
Tensor checked(const char* what, std::span<const Integer> values, int64_t bound, const Shape& shape,
               bool may_be_ignored) {
  Tensor result = Tensor::empty(shape, DType::i32);
  if (static_cast<int64_t>(values.size()) != shape.elements()) {
    throw base::ShapeError(base::str(what, ": ", values.size(), " values, shape ", shape.str(),
                                     " expects ", shape.elements()));
  }
  bound = std::min(bound, kMost);
  int32_t* to = result.data<int32_t>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int64_t value = values[i];
    if ((value < 0 || value >= bound) && !(may_be_ignored && value == kIgnoredLabel)) {
      throw base::UsageError(base::str(what, ": entry ", i, " is ", value, ", expected 0 to ",
                                       bound - 1,
                                       may_be_ignored ? base::str(" or ", kIgnoredLabel) : ""));
    }
    to[i] = static_cast<int32_t>(value);
  }
  return result;
}

template <class Integer>
Shape line(std::span<const Integer> values) {
  return {static_cast<int64_t>(values.size())};
}

}  // namespace

Tensor indices(const char* what, std::span<const int32_t> values, int64_t bound) {
  return checked(what, values, bound, line(values), false);
}

Tensor indices(const char* what, std::span<const int64_t> values, int64_t bound) {
  return checked(what, values, bound, line(values), false);
}

Tensor indices(const char* what, std::span<const int64_t> values, int64_t bound,
               const Shape& shape) {
  return checked(what, values, bound, shape, false);
}

Tensor labels(const char* what, std::span<const int64_t> values, int64_t classes) {
  return checked(what, values, classes, line(values), true);
}

Tensor row_offsets(std::span<const int32_t> lengths) {
  Tensor result = Tensor::empty({static_cast<int64_t>(lengths.size()) + 1}, DType::i32);
  int32_t* to = result.data<int32_t>();
  int64_t end = 0;
  to[0] = 0;
  for (std::size_t r = 0; r < lengths.size(); ++r) {
    end += lengths[r];
    if (lengths[r] < 0 || end >= kMost) {
      throw base::UsageError(base::str("row_offsets: row ", r, " has ", lengths[r],
                                       " entries, which ends at ", end, ", expected 0 to ",
                                       kMost - 1));
    }
    to[r + 1] = static_cast<int32_t>(end);
  }
  return result;
}

void expect_indices(const char* op, const char* what, const Tensor& found, int64_t count) {
  expect_shape(op, what, found, {count});
  expect_dtype(op, what, found, DType::i32);
}

}  // namespace tensor
