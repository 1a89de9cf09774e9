// Twins of tensor/matmul.h on doubles: the product itself, for differences of it, and its
// gradients.
#pragma once

#include <cstdint>
#include <vector>

namespace reference {

/// The sizes of y [rows, outputs] = x [rows, inputs] w^T, w [outputs, inputs].
struct MatmulSizes {
  int64_t rows, inputs, outputs;
};

/// element(i, j) for each place of a matrix.
template <class Element>
std::vector<double> matrix(int64_t rows, int64_t columns, const Element& element) {
  std::vector<double> result;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) result.push_back(element(i, j));
  }
  return result;
}

/// The sum of term(i) over [0, count).
template <class Term>
double sum_of(int64_t count, const Term& term) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += term(i);
  return sum;
}

inline double at(const std::vector<double>& values, int64_t columns, int64_t row, int64_t column) {
  return values[static_cast<std::size_t>(row * columns + column)];
}

inline std::vector<double> matmul(const std::vector<double>& x, const std::vector<double>& w,
                                  const std::vector<double>& bias, const MatmulSizes& s) {
  return matrix(s.rows, s.outputs, [&](int64_t m, int64_t n) {
    return bias[static_cast<std::size_t>(n)] + sum_of(s.inputs, [&](int64_t k) {
             return at(x, s.inputs, m, k) * at(w, s.inputs, n, k);
           });
  });
}

inline std::vector<double> matmul_backward_input(const std::vector<double>& dy,
                                                 const std::vector<double>& w,
                                                 const MatmulSizes& s) {
  return matrix(s.rows, s.inputs, [&](int64_t m, int64_t k) {
    return sum_of(s.outputs,
                  [&](int64_t n) { return at(dy, s.outputs, m, n) * at(w, s.inputs, n, k); });
  });
}

inline std::vector<double> matmul_backward_weight(const std::vector<double>& dy,
                                                  const std::vector<double>& x,
                                                  const MatmulSizes& s) {
  return matrix(s.outputs, s.inputs, [&](int64_t n, int64_t k) {
    return sum_of(s.rows,
                  [&](int64_t m) { return at(dy, s.outputs, m, n) * at(x, s.inputs, m, k); });
  });
}

inline std::vector<double> matmul_backward_bias(const std::vector<double>& dy,
                                                const MatmulSizes& s) {
  return matrix(1, s.outputs, [&](int64_t, int64_t n) {
    return sum_of(s.rows, [&](int64_t m) { return at(dy, s.outputs, m, n); });
  });
}

}  // namespace reference
