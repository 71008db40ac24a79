// Dense and sparse matrices of floats, and the few operations that embedders and linear models need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace trine::numeric {

// Dense, row-major, owned. Value semantics; const access is thread-safe. Indices are not checked.
class Matrix {
 public:
  Matrix() = default;
  Matrix(size_t rows, size_t cols) : rows_(rows), cols_(cols), values_(rows * cols) {}
  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  float& operator()(size_t r, size_t c) { return values_[r * cols_ + c]; }
  float operator()(size_t r, size_t c) const { return values_[r * cols_ + c]; }
  std::span<float> row(size_t r) { return {values_.data() + r * cols_, cols_}; }
  std::span<const float> row(size_t r) const { return {values_.data() + r * cols_, cols_}; }
  std::span<const float> values() const { return values_; }
  std::span<float> values() { return values_; }
  Matrix Transposed() const;

 private:
  size_t rows_ = 0, cols_ = 0;
  std::vector<float> values_;
};

// a * b; requires a.cols() == b.rows().
Matrix Multiply(const Matrix& a, const Matrix& b);

// Makes the rows orthonormal from the first to the last: modified Gram-Schmidt, run twice (L. Giraud,
// J. Langou, M. Rozloznik 2005: twice is enough). A row that depends on those before becomes zero.
// When `r` is given it gets the lower triangle with  old rows = r * new rows  (rows x rows).
// Returns how many rows are not zero.
size_t OrthonormalizeRows(Matrix* m, Matrix* r = nullptr);

// Sparse, compressed rows (CSR), immutable, owned. Thread-safe.
class SparseMatrix {
 public:
  struct Entry {
    uint32_t row;
    uint32_t col;
    float value;
  };
  SparseMatrix() = default;
  // Entries in any order; equal positions add up. Requires row < rows, col < cols.
  static SparseMatrix FromEntries(size_t rows, size_t cols, std::vector<Entry> entries);

  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  size_t nonzeros() const { return columns_.size(); }
  // Column numbers (ascending) and values of one row.
  std::span<const uint32_t> columns(size_t r) const {
    return {columns_.data() + starts_[r], columns_.data() + starts_[r + 1]};
  }
  std::span<const float> values(size_t r) const {
    return {values_.data() + starts_[r], values_.data() + starts_[r + 1]};
  }
  SparseMatrix Transposed() const;
  // this * x; requires x.rows() == cols().
  Matrix Multiply(const Matrix& x) const;
  // transpose(this) * x without making the transpose; requires x.rows() == rows().
  Matrix MultiplyTransposed(const Matrix& x) const;

 private:
  size_t rows_ = 0, cols_ = 0;
  std::vector<size_t> starts_ = {0};  // rows + 1 of them
  std::vector<uint32_t> columns_;
  std::vector<float> values_;
};

}  // namespace trine::numeric
