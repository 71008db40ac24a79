#include "numeric/matrix.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "numeric/distance.h"

namespace trine::numeric {

Matrix Matrix::Transposed() const {
  constexpr size_t kTile = 32;  // the source and destination tiles fit in the L1 cache
  Matrix t(cols_, rows_);
  for (size_t r0 = 0; r0 < rows_; r0 += kTile) {
    for (size_t c0 = 0; c0 < cols_; c0 += kTile) {
      for (size_t r = r0; r < std::min(rows_, r0 + kTile); ++r) {
        for (size_t c = c0; c < std::min(cols_, c0 + kTile); ++c) t(c, r) = (*this)(r, c);
      }
    }
  }
  return t;
}

Matrix Multiply(const Matrix& a, const Matrix& b) {
  TRINE_CHECK_EQ(a.cols(), b.rows());
  Matrix out(a.rows(), b.cols());
  for (size_t r = 0; r < a.rows(); ++r) {
    for (size_t k = 0; k < a.cols(); ++k) AddScaled(a(r, k), b.row(k), out.row(r));
  }
  return out;
}

size_t OrthonormalizeRows(Matrix* m, Matrix* r) {
  // If projecting out the earlier rows leaves less than this fraction of a row's length, the row depends on
  // them and the remainder is rounding noise.
  constexpr float kNoise = 1e-5f;
  const size_t n = m->rows();
  if (r != nullptr) *r = Matrix(n, n);
  size_t independent = 0;
  for (size_t i = 0; i < n; ++i) {
    const float before = Norm(m->row(i));
    for (int pass = 0; pass < 2; ++pass) {
      for (size_t k = 0; k < i; ++k) {
        const float along = Dot(m->row(i), m->row(k));
        if (along == 0) continue;
        AddScaled(-along, m->row(k), m->row(i));
        if (r != nullptr) (*r)(i, k) += along;
      }
    }
    const float left = Norm(m->row(i));
    if (!(left > before * kNoise) || !Normalize(m->row(i))) {
      std::fill(m->row(i).begin(), m->row(i).end(), 0.0f);
      continue;
    }
    if (r != nullptr) (*r)(i, i) = left;
    ++independent;
  }
  return independent;
}

SparseMatrix SparseMatrix::FromEntries(size_t rows, size_t cols, std::vector<Entry> entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.row != b.row ? a.row < b.row : a.col < b.col;
  });
  SparseMatrix m;
  m.rows_ = rows;
  m.cols_ = cols;
  m.starts_.assign(rows + 1, 0);
  for (size_t i = 0; i < entries.size(); ++i) {
    const Entry& e = entries[i];
    TRINE_CHECK_LT(e.row, rows);
    TRINE_CHECK_LT(e.col, cols);
    if (i > 0 && entries[i - 1].row == e.row && entries[i - 1].col == e.col) {
      m.values_.back() += e.value;
      continue;
    }
    m.columns_.push_back(e.col);
    m.values_.push_back(e.value);
    ++m.starts_[e.row + 1];
  }
  for (size_t r = 0; r < rows; ++r) m.starts_[r + 1] += m.starts_[r];
  TRINE_CHECK_EQ(m.starts_[rows], m.columns_.size());
  return m;
}

SparseMatrix SparseMatrix::Transposed() const {
  SparseMatrix t;
  t.rows_ = cols_;
  t.cols_ = rows_;
  t.starts_.assign(cols_ + 1, 0);
  t.columns_.resize(columns_.size());
  t.values_.resize(values_.size());
  for (const uint32_t c : columns_) ++t.starts_[c + 1];
  for (size_t c = 0; c < cols_; ++c) t.starts_[c + 1] += t.starts_[c];
  std::vector<size_t> next(t.starts_.begin(), t.starts_.end() - 1);
  for (size_t r = 0; r < rows_; ++r) {
    for (size_t i = starts_[r]; i < starts_[r + 1]; ++i) {
      const size_t to = next[columns_[i]]++;
      t.columns_[to] = static_cast<uint32_t>(r);
      t.values_[to] = values_[i];
    }
  }
  return t;
}

Matrix SparseMatrix::Multiply(const Matrix& x) const {
  TRINE_CHECK_EQ(x.rows(), cols_);
  Matrix out(rows_, x.cols());
  for (size_t r = 0; r < rows_; ++r) {
    for (size_t i = starts_[r]; i < starts_[r + 1]; ++i)
      AddScaled(values_[i], x.row(columns_[i]), out.row(r));
  }
  return out;
}

Matrix SparseMatrix::MultiplyTransposed(const Matrix& x) const {
  TRINE_CHECK_EQ(x.rows(), rows_);
  Matrix out(cols_, x.cols());
  for (size_t r = 0; r < rows_; ++r) {
    for (size_t i = starts_[r]; i < starts_[r + 1]; ++i)
      AddScaled(values_[i], x.row(r), out.row(columns_[i]));
  }
  return out;
}

}  // namespace trine::numeric
