// Matrices of the network, and the one product that all its passes are made of. metrics/ stands on
// base/ alone, so it does not use tensor/; what is here is small, and sums run in one order, so
// that the same numbers give the same bits wherever the compiler keeps multiply and add apart.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace metrics::english {

/// Rows of floats, one behind the other.
class Matrix {
 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t columns)
      : rows_(rows), columns_(columns), values_(rows * columns) {}

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  std::span<float> operator[](std::size_t row) {
    return values().subspan(row * columns_, columns_);
  }
  std::span<const float> operator[](std::size_t row) const {
    return values().subspan(row * columns_, columns_);
  }
  std::span<float> values() { return values_; }
  std::span<const float> values() const { return values_; }

 private:
  std::size_t rows_ = 0, columns_ = 0;
  std::vector<float> values_;
};

inline Matrix transposed(const Matrix& matrix) {
  Matrix result(matrix.columns(), matrix.rows());
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    for (std::size_t j = 0; j < matrix.columns(); ++j) result[j][i] = matrix[i][j];
  }
  return result;
}

inline void add(std::span<const float> values, std::span<float> sums) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += values[i];
}

/// Four floats in one register, on every machine.
constexpr std::size_t kLanes = 4;
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));
inline Lanes load(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}
inline void store(Lanes lanes, float* to) {
  std::memcpy(to, &lanes, sizeof lanes);
}

/// a . b; the size is a multiple of 4 * kLanes.
inline float dot(std::span<const float> a, std::span<const float> b) {
  Lanes sums[4] = {};
  for (std::size_t i = 0; i < a.size(); i += 4 * kLanes) {
    for (std::size_t j = 0; j < 4; ++j) {
      sums[j] += load(&a[i + j * kLanes]) * load(&b[i + j * kLanes]);
    }
  }
  const Lanes sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

namespace matrix_detail {

/// Rows x (Vectors * kLanes) sums, kept in registers while all of `inner` is added to them.
template <std::size_t Rows, std::size_t Vectors>
void add_tile(const float* a, std::size_t a_row, std::size_t a_column, const float* b, float* sums,
              std::size_t inner, std::size_t columns) {
  Lanes tile[Rows][Vectors];
  for (std::size_t i = 0; i < Rows; ++i) {
    for (std::size_t j = 0; j < Vectors; ++j) tile[i][j] = load(sums + i * columns + j * kLanes);
  }
  for (std::size_t k = 0; k < inner; ++k) {
    Lanes row[Vectors];
    for (std::size_t j = 0; j < Vectors; ++j) row[j] = load(b + k * columns + j * kLanes);
    for (std::size_t i = 0; i < Rows; ++i) {
      const float factor = a[i * a_row + k * a_column];
      for (std::size_t j = 0; j < Vectors; ++j) tile[i][j] += factor * row[j];
    }
  }
  for (std::size_t i = 0; i < Rows; ++i) {
    for (std::size_t j = 0; j < Vectors; ++j) store(tile[i][j], sums + i * columns + j * kLanes);
  }
}

/// sums[rows, columns] += a b, where a's element (i, k) lies at a[i * a_row + k * a_column].
inline void add_product(const float* a, std::size_t a_row, std::size_t a_column, const Matrix& b,
                        Matrix& sums) {
  constexpr std::size_t kRows = 4, kVectors = 2, kColumns = kVectors * kLanes;
  const std::size_t rows = sums.rows(), columns = sums.columns(), inner = b.rows();
  const float* const b_values = b.values().data();
  float* const sum_values = sums.values().data();
  std::size_t j = 0;
  for (; j + kColumns <= columns; j += kColumns) {
    std::size_t i = 0;
    for (; i + kRows <= rows; i += kRows) {
      add_tile<kRows, kVectors>(a + i * a_row, a_row, a_column, b_values + j,
                                sum_values + i * columns + j, inner, columns);
    }
    for (; i < rows; ++i) {
      add_tile<1, kVectors>(a + i * a_row, a_row, a_column, b_values + j,
                            sum_values + i * columns + j, inner, columns);
    }
  }
  for (; j < columns; ++j) {
    for (std::size_t i = 0; i < rows; ++i) {
      float sum = sums[i][j];
      for (std::size_t k = 0; k < inner; ++k) sum += a[i * a_row + k * a_column] * b[k][j];
      sums[i][j] = sum;
    }
  }
}

}  // namespace matrix_detail

/// sums += a b.
inline void add_product(const Matrix& a, const Matrix& b, Matrix& sums) {
  matrix_detail::add_product(a.values().data(), a.columns(), 1, b, sums);
}
/// sums += a^T b.
inline void add_transposed_product(const Matrix& a, const Matrix& b, Matrix& sums) {
  matrix_detail::add_product(a.values().data(), 1, a.columns(), b, sums);
}

}  // namespace metrics::english
