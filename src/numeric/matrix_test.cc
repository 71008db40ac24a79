#include "numeric/matrix.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "base/random.h"
#include "numeric/distance.h"
#include "numeric/svd.h"

namespace trine::numeric {
namespace {

Matrix AnyMatrix(size_t rows, size_t cols, Random* random) {
  Matrix m(rows, cols);
  for (float& x : m.values()) x = static_cast<float>(random->Normal());
  return m;
}

Matrix NaiveProduct(const Matrix& a, const Matrix& b) {
  Matrix out(a.rows(), b.cols());
  for (size_t r = 0; r < a.rows(); ++r) {
    for (size_t c = 0; c < b.cols(); ++c) {
      double sum = 0;
      for (size_t k = 0; k < a.cols(); ++k) sum += double{a(r, k)} * double{b(k, c)};
      out(r, c) = static_cast<float>(sum);
    }
  }
  return out;
}

double LargestGap(const Matrix& a, const Matrix& b) {
  EXPECT_EQ(a.rows(), b.rows());
  EXPECT_EQ(a.cols(), b.cols());
  double gap = 0;
  for (size_t i = 0; i < a.values().size(); ++i)
    gap = std::max(gap, std::abs(double{a.values()[i]} - double{b.values()[i]}));
  return gap;
}

Matrix Identity(size_t n) {
  Matrix m(n, n);
  for (size_t i = 0; i < n; ++i) m(i, i) = 1;
  return m;
}

Matrix Rebuilt(const Svd& svd) {
  Matrix scaled = svd.u;
  for (size_t r = 0; r < scaled.rows(); ++r) {
    for (size_t c = 0; c < scaled.cols(); ++c) scaled(r, c) *= svd.singular[c];
  }
  return NaiveProduct(scaled, svd.v.Transposed());
}

SparseMatrix ToSparse(const Matrix& m) {
  std::vector<SparseMatrix::Entry> entries;
  for (uint32_t r = 0; r < m.rows(); ++r) {
    for (uint32_t c = 0; c < m.cols(); ++c) {
      if (m(r, c) != 0) entries.push_back({r, c, m(r, c)});
    }
  }
  return SparseMatrix::FromEntries(m.rows(), m.cols(), std::move(entries));
}

RC_GTEST_PROP(Matrix, ProductMatchesTheNaiveProduct, (uint64_t seed)) {
  Random random(seed);
  const Matrix a = AnyMatrix(random.Below(20), random.Below(20), &random);
  const Matrix b = AnyMatrix(a.cols(), random.Below(50), &random);
  RC_ASSERT(LargestGap(Multiply(a, b), NaiveProduct(a, b)) < 1e-4);
  RC_ASSERT(LargestGap(a.Transposed().Transposed(), a) == 0.0);
}

RC_GTEST_PROP(SparseMatrix, MatchesADenseMatrix, (uint64_t seed)) {
  Random random(seed);
  const size_t rows = 1 + random.Below(15), cols = 1 + random.Below(15);
  Matrix dense(rows, cols);
  std::vector<SparseMatrix::Entry> entries;
  const size_t count = random.Below(60);
  for (size_t i = 0; i < count; ++i) {  // values at repeated positions add up
    const auto r = static_cast<uint32_t>(random.Below(rows)), c = static_cast<uint32_t>(random.Below(cols));
    const auto value = static_cast<float>(random.Below(9));
    entries.push_back({r, c, value});
    dense(r, c) += value;
  }
  const SparseMatrix sparse = SparseMatrix::FromEntries(rows, cols, entries);
  const Matrix x = AnyMatrix(cols, 1 + random.Below(12), &random), y = AnyMatrix(rows, 3, &random);
  RC_ASSERT(LargestGap(sparse.Multiply(x), NaiveProduct(dense, x)) < 1e-3);
  RC_ASSERT(LargestGap(sparse.MultiplyTransposed(y), NaiveProduct(dense.Transposed(), y)) < 1e-3);
  RC_ASSERT(LargestGap(sparse.Transposed().Multiply(y), NaiveProduct(dense.Transposed(), y)) < 1e-3);
  for (size_t r = 0; r < rows; ++r) {
    const auto columns = sparse.columns(r);
    for (size_t i = 0; i < columns.size(); ++i) {
      RC_ASSERT(sparse.values(r)[i] == dense(r, columns[i]));
      if (i > 0) RC_ASSERT(columns[i - 1] < columns[i]);
    }
  }
}

TEST(SparseMatrix, HandlesEmptyMatrices) {
  const SparseMatrix none = SparseMatrix::FromEntries(0, 0, {});
  EXPECT_EQ(none.nonzeros(), 0u);
  EXPECT_EQ(none.Multiply(Matrix(0, 3)).rows(), 0u);
  const SparseMatrix blank = SparseMatrix::FromEntries(3, 2, {});
  EXPECT_TRUE(blank.columns(2).empty());
  EXPECT_EQ(blank.Transposed().rows(), 2u);
}

RC_GTEST_PROP(Orthonormalize, RowsAreOrthonormalAndReproduceTheInput, (uint64_t seed)) {
  Random random(seed);
  const size_t n = 1 + random.Below(12);
  const Matrix old = AnyMatrix(n, n + random.Below(20), &random);
  Matrix m = old, lower;
  RC_ASSERT(OrthonormalizeRows(&m, &lower) == n);
  RC_ASSERT(LargestGap(NaiveProduct(m, m.Transposed()), Identity(n)) < 1e-5);
  RC_ASSERT(LargestGap(NaiveProduct(lower, m), old) < 1e-4);
  for (size_t r = 0; r < n; ++r) {
    for (size_t c = r + 1; c < n; ++c) RC_ASSERT(lower(r, c) == 0.0f);
  }
}

// For nearly parallel rows (Läuchli's matrix), a single Gram-Schmidt pass loses orthogonality.
TEST(Orthonormalize, HandlesNearlyParallelRows) {
  constexpr size_t n = 6;
  Matrix m(n, n + 1);
  for (size_t r = 0; r < n; ++r) {
    m(r, 0) = 1;
    m(r, r + 1) = 1e-3f;
  }
  EXPECT_EQ(OrthonormalizeRows(&m), n);
  EXPECT_LT(LargestGap(NaiveProduct(m, m.Transposed()), Identity(n)), 1e-4);
}

TEST(Orthonormalize, SetsDependentRowsToZero) {
  Matrix m(3, 4);
  for (size_t c = 0; c < 4; ++c) {
    m(0, c) = static_cast<float>(c + 1);
    m(1, c) = 2 * m(0, c);
  }
  m(2, 0) = 1;
  EXPECT_EQ(OrthonormalizeRows(&m), 2u);
  EXPECT_EQ(Norm(m.row(1)), 0);
  EXPECT_FLOAT_EQ(Norm(m.row(2)), 1);
}

RC_GTEST_PROP(ExactSvd, ReproducesTheMatrix, (uint64_t seed)) {
  Random random(seed);
  const Matrix a = AnyMatrix(1 + random.Below(14), 1 + random.Below(14), &random);
  const Svd svd = ExactSvd(a);
  RC_ASSERT(svd.singular.size() == std::min(a.rows(), a.cols()));
  RC_ASSERT(LargestGap(Rebuilt(svd), a) < 1e-4);
  RC_ASSERT(LargestGap(NaiveProduct(svd.v.Transposed(), svd.v), Identity(svd.singular.size())) < 1e-5);
  RC_ASSERT(LargestGap(NaiveProduct(svd.u.Transposed(), svd.u), Identity(svd.singular.size())) < 1e-5);
  RC_ASSERT(std::is_sorted(svd.singular.rbegin(), svd.singular.rend()));
}

TEST(ExactSvd, ComputesKnownValues) {
  Matrix a(2, 2);
  a(0, 0) = 3;
  a(1, 0) = 4;
  a(1, 1) = 5;
  const Svd svd = ExactSvd(a);  // singular values sqrt(45) and sqrt(5)
  EXPECT_NEAR(svd.singular[0], 6.7082039, 1e-5);
  EXPECT_NEAR(svd.singular[1], 2.2360680, 1e-5);
  EXPECT_TRUE(ExactSvd(Matrix(3, 2)).singular.empty());
  EXPECT_TRUE(ExactSvd(Matrix()).singular.empty());
}

// For any seed, a matrix of rank 1 to 5 is reproduced completely.
RC_GTEST_PROP(RandomizedSvd, ReproducesLowRankMatrices, (uint64_t seed)) {
  Random random(seed);
  const size_t rank = 1 + random.Below(5);
  const Matrix a = NaiveProduct(AnyMatrix(40, rank, &random), AnyMatrix(rank, 25, &random));
  const Svd svd = RandomizedSvd(ToSparse(a), 8, 1, seed);
  RC_ASSERT(svd.singular.size() == rank);
  RC_ASSERT(LargestGap(Rebuilt(svd), a) < 1e-3);
  RC_ASSERT(LargestGap(NaiveProduct(svd.v.Transposed(), svd.v), Identity(rank)) < 1e-4);
}

// If the singular values decay, the largest ones match the exact decomposition.
TEST(RandomizedSvd, MatchesExactSvd) {
  Random random(3);
  Matrix left = AnyMatrix(60, 60, &random), right = AnyMatrix(50, 60, &random);
  OrthonormalizeRows(&left);
  OrthonormalizeRows(&right);
  for (size_t i = 0; i < 50; ++i) {
    for (float& x : right.row(i)) x *= static_cast<float>(std::pow(0.8, static_cast<double>(i)));
  }
  const Matrix a = NaiveProduct(left, right.Transposed());
  const Svd exact = ExactSvd(a), quick = RandomizedSvd(ToSparse(a), 12, 2, 7);
  ASSERT_EQ(quick.singular.size(), 12u);
  for (size_t i = 0; i < 12; ++i) {
    EXPECT_NEAR(quick.singular[i], exact.singular[i], 1e-3 * exact.singular[0]) << i;
    double along = 0;
    for (size_t r = 0; r < a.cols(); ++r) along += double{quick.v(r, i)} * double{exact.v(r, i)};
    if (i < 8) {
      EXPECT_GT(along, 0.99) << i;  // same direction and same sign
    }
  }
}

TEST(RandomizedSvd, IsReproducibleAndHandlesEmptyMatrices) {
  Random random(5);
  const SparseMatrix a = ToSparse(AnyMatrix(30, 20, &random));
  const Svd one = RandomizedSvd(a, 5, 2, 1), again = RandomizedSvd(a, 5, 2, 1);
  EXPECT_EQ(one.singular, again.singular);
  EXPECT_EQ(LargestGap(one.u, again.u), 0);
  EXPECT_TRUE(RandomizedSvd(SparseMatrix(), 5, 2, 1).singular.empty());
  EXPECT_TRUE(RandomizedSvd(SparseMatrix::FromEntries(4, 4, {}), 2, 1, 1).singular.empty());
}

}  // namespace
}  // namespace trine::numeric
