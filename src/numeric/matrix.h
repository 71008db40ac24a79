// Dense and sparse float matrices, with the operations that embedders and linear models need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"

namespace trine::numeric {

// A dense row-major matrix that owns its values. Requires r < rows() and c < cols() (checked in debug
// builds). Value semantics; const access is thread-safe.
class Matrix {
 public:
  Matrix() = default;
  Matrix(size_t rows, size_t cols) : rows_(rows), cols_(cols), values_(rows * cols) {}
  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  float& operator()(size_t r, size_t c) { return values_[IndexOf(r, c)]; }
  float operator()(size_t r, size_t c) const { return values_[IndexOf(r, c)]; }
  std::span<float> row(size_t r) {
    TRINE_DCHECK_LT(r, rows_);
    return {values_.data() + r * cols_, cols_};
  }
  std::span<const float> row(size_t r) const {
    TRINE_DCHECK_LT(r, rows_);
    return {values_.data() + r * cols_, cols_};
  }
  std::span<const float> values() const { return values_; }
  std::span<float> values() { return values_; }
  Matrix Transposed() const;

 private:
  size_t IndexOf(size_t r, size_t c) const {
    TRINE_DCHECK_LT(r, rows_);
    TRINE_DCHECK_LT(c, cols_);
    return r * cols_ + c;
  }

  size_t rows_ = 0, cols_ = 0;
  std::vector<float> values_;
};

// a * b. Requires a.cols() == b.rows().
Matrix Multiply(const Matrix& a, const Matrix& b);

// Makes the rows orthonormal, from first to last, with two passes of modified Gram-Schmidt (L. Giraud,
// J. Langou, M. Rozloznik 2005 show that two are enough). A row that depends on earlier rows becomes zero,
// which is not an error. If `r` is not null, it receives the lower triangular matrix (rows x rows) with
// old rows = r * new rows. Returns the number of rows that are not zero.
size_t OrthonormalizeRows(Matrix* m, Matrix* r = nullptr);

// A sparse matrix in compressed sparse row (CSR) format that owns its values. Immutable; thread-safe.
class SparseMatrix {
 public:
  struct Entry {
    uint32_t row;
    uint32_t col;
    float value;
  };
  SparseMatrix() = default;
  // Takes entries in any order and adds up those at the same position. Requires row < rows and col < cols.
  static SparseMatrix FromEntries(size_t rows, size_t cols, std::vector<Entry> entries);

  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  size_t nonzeros() const { return columns_.size(); }
  // Return the column numbers (ascending) and the values of row `r`. Require r < rows().
  std::span<const uint32_t> columns(size_t r) const {
    TRINE_DCHECK_LT(r, rows_);
    return {columns_.data() + starts_[r], columns_.data() + starts_[r + 1]};
  }
  std::span<const float> values(size_t r) const {
    TRINE_DCHECK_LT(r, rows_);
    return {values_.data() + starts_[r], values_.data() + starts_[r + 1]};
  }
  SparseMatrix Transposed() const;
  // this * x. Requires x.rows() == cols().
  Matrix Multiply(const Matrix& x) const;
  // transpose(this) * x, without building the transpose. Requires x.rows() == rows().
  Matrix MultiplyTransposed(const Matrix& x) const;

 private:
  size_t rows_ = 0, cols_ = 0;
  std::vector<size_t> starts_ = {0};  // rows_ + 1 offsets into columns_ and values_
  std::vector<uint32_t> columns_;
  std::vector<float> values_;
};

}  // namespace trine::numeric
