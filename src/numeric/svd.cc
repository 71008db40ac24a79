#include "numeric/svd.h"

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace trine::numeric {
namespace {

constexpr size_t kOversampling = 10;
constexpr double kRankTolerance = 1e-6;  // relative to the largest singular value; smaller values are noise

// Flips columns of u and v so that the entry of largest magnitude in each column of v is positive.
void FixSigns(Svd* svd) {
  for (size_t c = 0; c < svd->v.cols(); ++c) {
    float largest = 0;
    for (size_t r = 0; r < svd->v.rows(); ++r) {
      if (std::abs(svd->v(r, c)) > std::abs(largest)) largest = svd->v(r, c);
    }
    if (!(largest < 0)) continue;
    for (size_t r = 0; r < svd->v.rows(); ++r) svd->v(r, c) = -svd->v(r, c);
    for (size_t r = 0; r < svd->u.rows(); ++r) svd->u(r, c) = -svd->u(r, c);
  }
}

Matrix FirstColumns(const Matrix& m, size_t count) {
  TRINE_CHECK_LE(count, m.cols());
  Matrix out(m.rows(), count);
  for (size_t r = 0; r < m.rows(); ++r) std::copy_n(m.row(r).begin(), count, out.row(r).begin());
  return out;
}

// Orthonormalizes the columns of a tall matrix as the rows of its transpose. `r_transposed` is passed to
// OrthonormalizeRows as `r`.
Matrix OrthonormalColumns(const Matrix& tall, Matrix* r_transposed = nullptr) {
  Matrix rows = tall.Transposed();
  OrthonormalizeRows(&rows, r_transposed);
  return rows.Transposed();
}

}  // namespace

Svd ExactSvd(const Matrix& a) {
  if (a.rows() == 0 || a.cols() == 0) return Svd{Matrix(a.rows(), 0), {}, Matrix(a.cols(), 0)};
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const RowMajor> map(a.values().data(), static_cast<Eigen::Index>(a.rows()),
                                       static_cast<Eigen::Index>(a.cols()));
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(map.cast<double>(), Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::VectorXd& singular = svd.singularValues();  // descending
  size_t rank = 0;
  const auto count = static_cast<size_t>(singular.size());
  const auto value = [&](size_t k) { return singular[static_cast<Eigen::Index>(k)]; };
  while (rank < count && value(rank) > kRankTolerance * value(0)) ++rank;
  Svd out{Matrix(a.rows(), rank), std::vector<float>(rank), Matrix(a.cols(), rank)};
  for (size_t k = 0; k < rank; ++k) out.singular[k] = static_cast<float>(value(k));
  const auto copy = [](const Eigen::MatrixXd& from, Matrix* to) {
    for (size_t r = 0; r < to->rows(); ++r) {
      for (size_t c = 0; c < to->cols(); ++c) {
        (*to)(r, c) = static_cast<float>(from(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)));
      }
    }
  };
  copy(svd.matrixU(), &out.u);
  copy(svd.matrixV(), &out.v);
  FixSigns(&out);
  return out;
}

Svd RandomizedSvd(const SparseMatrix& a, size_t rank, int iterations, uint64_t seed) {
  TRINE_CHECK_GE(iterations, 0);
  const size_t wanted = std::min(rank, std::min(a.rows(), a.cols()));
  const size_t width = std::min(wanted + kOversampling, std::min(a.rows(), a.cols()));
  Random random(seed);
  Matrix probes(a.cols(), width);
  for (float& x : probes.values()) x = static_cast<float>(random.Normal());

  // An orthonormal basis of (approximately) the range of `a`.
  Matrix basis = OrthonormalColumns(a.Multiply(probes));
  for (int i = 0; i < iterations; ++i) {
    const Matrix back = OrthonormalColumns(a.MultiplyTransposed(basis));
    basis = OrthonormalColumns(a.Multiply(back));
  }
  // transpose(a) * basis = right * transpose(lower), so a ~ basis * lower * transpose(right).
  Matrix lower;
  const Matrix right = OrthonormalColumns(a.MultiplyTransposed(basis), &lower);
  const Svd small = ExactSvd(lower);
  const size_t kept = std::min(wanted, small.singular.size());
  Svd out;
  out.singular.assign(small.singular.begin(), small.singular.begin() + static_cast<ptrdiff_t>(kept));
  out.u = Multiply(basis, FirstColumns(small.u, kept));
  out.v = Multiply(right, FirstColumns(small.v, kept));
  FixSigns(&out);
  return out;
}

}  // namespace trine::numeric
